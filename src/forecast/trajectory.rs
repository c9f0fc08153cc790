//! Futures that could come: fertility, mortality and migration wander, and chance decides who is
//! born, dies and moves. Entry point: [`Trajectories::draw`].

use super::borrow;
use super::model::Model;
use super::project::{Convention, FEMALE, Sexes};
use super::rng::Rng;

/// Which trajectories to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// How many.
    pub count: usize,
    /// Where the random numbers start: the same seed gives the same trajectories.
    pub seed: u64,
    /// Tells regions apart, so that they do not share their luck.
    pub region: u64,
    /// Threads to use.
    pub threads: usize,
    /// Whether to keep the groups, not only the totals.
    pub groups: bool,
}

/// The outcome of trajectories.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Trajectories {
    pub(super) count: usize,
    pub(super) steps: usize,
    /// Numbers a step and trajectory: both sexes' groups.
    pub(super) cells: usize,
    /// Total population, by trajectory, then step.
    pub(super) totals: Vec<f64>,
    /// Children born in the step, likewise.
    pub(super) births: Vec<f64>,
    /// Deaths in the step, likewise.
    pub(super) deaths: Vec<f64>,
    /// Groups, by trajectory, step, sex; empty when not kept.
    pub(super) groups: Vec<f32>,
}

/// Spread of the yearly change of log fertility: that of a county around its nation, and the nation's.
const FERTILITY: f64 = 0.03;
/// Spread of the yearly change of the log force of mortality.
const MORTALITY: f64 = 0.012;
/// How much of a year's unusual migration is left the year after.
const PERSISTENCE: f64 = 0.95;

impl Trajectories {
    /// Draws them, a block of trajectories a thread.
    pub(super) fn draw(model: &Model, draw: Draw) -> Self {
        let (steps, cells) = (model.ahead.len(), 2 * model.ages.count);
        let kept = if draw.groups { cells } else { 0 };
        let mut all = Self {
            count: draw.count,
            steps,
            cells,
            totals: vec![0.0; draw.count * steps],
            births: vec![0.0; draw.count * steps],
            deaths: vec![0.0; draw.count * steps],
            groups: vec![0.0; draw.count * steps * kept],
        };
        if draw.count == 0 || steps == 0 {
            return all;
        }
        let plan = Plan::of(model);
        let block = draw.count.div_ceil(draw.threads.max(1));
        let (size, stored) = (block * steps, (block * steps * kept).max(1));
        std::thread::scope(|scope| {
            let mut groups = all.groups.chunks_mut(stored);
            let outcomes = all
                .totals
                .chunks_mut(size)
                .zip(all.births.chunks_mut(size))
                .zip(all.deaths.chunks_mut(size));
            for (at, ((totals, births), deaths)) in outcomes.enumerate() {
                let (plan, groups) = (&plan, groups.next().unwrap_or_default());
                scope.spawn(move || {
                    let mut walker = Walker::new(plan);
                    for inner in 0..totals.len() / steps {
                        let place = draw.region << 32 | (at * block + inner) as u64;
                        walker.walk(
                            Rng::new(draw.seed, place),
                            |step, state, births_here, deaths_here| {
                                let row = inner * steps + step;
                                totals[row] = state.iter().flatten().sum();
                                births[row] = births_here;
                                deaths[row] = deaths_here;
                                if kept > 0 {
                                    let values = state.iter().flatten().map(|value| *value as f32);
                                    groups[row * kept..(row + 1) * kept]
                                        .iter_mut()
                                        .zip(values)
                                        .for_each(|(to, value)| *to = value);
                                }
                            },
                        );
                    }
                });
            }
        });
        all
    }
}

/// A model with what every trajectory needs again.
struct Plan<'a> {
    model: &'a Model,
    /// Logarithm of survival by step, sex and group.
    force: Vec<Sexes<Vec<f64>>>,
    /// Who takes part in unusual migration, 1 on average.
    moving: Vec<f64>,
}

impl<'a> Plan<'a> {
    fn of(model: &'a Model) -> Self {
        let log = |ratios: &Vec<f64>| ratios.iter().map(|share| share.max(1e-12).ln()).collect();
        let mut moving = borrow::mobility(model.ages);
        let persons: f64 = model.start.iter().flatten().sum();
        let weight: f64 = model
            .start
            .iter()
            .flat_map(|of| of.iter().zip(&moving))
            .map(|(n, k)| n * k)
            .sum();
        if weight > 0.0 {
            moving.iter_mut().for_each(|k| *k *= persons / weight);
        }
        Self {
            model,
            force: model
                .ahead
                .iter()
                .map(|ahead| [log(&ahead.survival[0]), log(&ahead.survival[1])])
                .collect(),
            moving,
        }
    }
}

/// Walks one trajectory after the other in the same memory.
struct Walker<'a> {
    plan: &'a Plan<'a>,
    state: Sexes<Vec<f64>>,
    next: Sexes<Vec<f64>>,
}

impl<'a> Walker<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        Self {
            plan,
            state: plan.model.start.clone(),
            next: plan.model.start.clone(),
        }
    }

    fn walk(&mut self, mut rng: Rng, mut tell: impl FnMut(usize, &Sexes<Vec<f64>>, f64, f64)) {
        let model = self.plan.model;
        let years = model.ages.width as f64;
        self.state.clone_from(&model.start);
        let (mut fertility, mut mortality, mut unusual) = (0.0_f64, 0.0_f64, 0.0_f64);
        let lasting = rng.normal() * model.spread / 10.0_f64.sqrt();
        let innovation = model.spread * (1.0 - PERSISTENCE * PERSISTENCE).sqrt();
        for at in 0..model.ahead.len() {
            fertility += rng.normal() * FERTILITY * years.sqrt();
            mortality += rng.normal() * MORTALITY * years.sqrt();
            let mut moves = 0.0;
            for _ in 0..model.ages.width {
                unusual = PERSISTENCE * unusual + innovation * rng.normal();
                moves += lasting + unusual;
            }
            let (births, deaths) =
                self.step(at, fertility.exp(), mortality.exp() - 1.0, moves, &mut rng);
            std::mem::swap(&mut self.state, &mut self.next);
            tell(at, &self.state, births, deaths);
        }
    }

    /// One step into `next`: births and deaths.
    fn step(
        &mut self,
        at: usize,
        fertility: f64,
        force: f64,
        moves: f64,
        rng: &mut Rng,
    ) -> (f64, f64) {
        let model = self.plan.model;
        let ahead = &model.ahead[at];
        let count = model.ages.count;
        let early = match model.convention {
            Convention::End => 0.0,
            Convention::Even => 0.5,
        };
        let mut deaths = 0.0;
        for sex in 0..2 {
            let (state, next) = (&self.state[sex], &mut self.next[sex]);
            let (given, arrive, leave) = (&ahead.given[sex], &ahead.arrive[sex], &ahead.leave[sex]);
            let (survival, log) = (&ahead.survival[sex], &self.plan.force[at][sex]);
            for group in 1..count {
                let mut source = state[group - 1] + early * given[group - 1];
                if group == count - 1 {
                    source += state[group] + early * given[group];
                }
                // The force of mortality times 1 + `force`, to second order.
                let bend = force * log[group];
                let alive = source * (survival[group] * (1.0 + bend + 0.5 * bend * bend)).min(1.0);
                let dead = (source - alive).max(0.0);
                let moved =
                    arrive[group] + (leave[group] + moves * self.plan.moving[group]) * alive;
                let noise = (dead + moved.abs()).sqrt() * rng.tosses();
                next[group] = (alive + moved + noise + (1.0 - early) * given[group]).max(0.0);
                deaths += dead;
            }
        }
        let (before, after) = (&self.state[FEMALE], &self.next[FEMALE]);
        let mut born = 0.0;
        for group in 1..count {
            let rate = ahead.fertility[group];
            if rate > 0.0 {
                born += rate * (before[group] + after[group] + early * ahead.given[FEMALE][group])
                    / 2.0;
            }
        }
        born *= model.ages.width as f64 * fertility;
        let born = (born + born.max(0.0).sqrt() * rng.tosses()).max(0.0);
        let girls = born / (1.0 + model.boys_per_girl);
        for (sex, children) in [born - girls, girls].into_iter().enumerate() {
            let alive = children * ahead.survival[sex][0];
            let share = ahead.leave[sex][0] + moves * self.plan.moving[0] / 2.0;
            let moved = ahead.arrive[sex][0] + share * alive + (1.0 - early) * ahead.given[sex][0];
            self.next[sex][0] = (alive + moved).max(0.0);
            deaths += children - alive;
        }
        (born, deaths)
    }
}

#[cfg(test)]
mod tests {
    use super::super::input::Inputs;
    use super::super::model::Wishes;
    use super::super::project::Ages;
    use super::*;

    fn model() -> Model {
        let ages = Ages {
            width: 1,
            count: 91,
        };
        let of_age = |age: usize| 400.0 * (1.0 - age as f64 / 100.0);
        let people: Vec<f64> = (0..91).map(of_age).collect();
        let population = (2000..=2010)
            .map(|year| (year, [people.clone(), people.clone()]))
            .collect();
        let inputs = Inputs {
            ages,
            population,
            fertility: None,
            survival: None,
            migration: None,
            pattern: None,
        };
        Model::at(&inputs, 2010, 10, &Wishes::default(), false).unwrap()
    }

    #[test]
    fn a_seed_gives_the_same_futures_on_any_number_of_threads() {
        let draw = Draw {
            count: 50,
            seed: 7,
            region: 1,
            threads: 1,
            groups: true,
        };
        let one = Trajectories::draw(&model(), draw);
        assert_eq!(
            one,
            Trajectories::draw(&model(), Draw { threads: 3, ..draw })
        );
        let other = Trajectories::draw(&model(), Draw { seed: 8, ..draw });
        assert!(one.totals != other.totals);
        let region = Trajectories::draw(&model(), Draw { region: 2, ..draw });
        assert!(one.totals != region.totals);
    }

    #[test]
    fn futures_spread_around_the_undisturbed_path() {
        let model = model();
        let draw = Draw {
            count: 2000,
            seed: 1,
            region: 0,
            threads: 2,
            groups: false,
        };
        let drawn = Trajectories::draw(&model, draw);
        let path = model.path(2010).unwrap();
        for (at, (_, step)) in path.steps.iter().enumerate() {
            let of_step: Vec<f64> = drawn
                .totals
                .iter()
                .skip(at)
                .step_by(drawn.steps)
                .copied()
                .collect();
            let mean = of_step.iter().sum::<f64>() / of_step.len() as f64;
            let expected: f64 = step.population.iter().flatten().sum();
            assert!(
                (mean / expected - 1.0).abs() < 0.004,
                "{at}: {mean} {expected}"
            );
        }
    }
}
