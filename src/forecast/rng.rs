//! Random numbers that depend on a seed and a place alone, so that trajectories can be computed in
//! any order on any number of threads. Entry point: [`Rng::new`].

/// SplitMix64 (Steele, Lea & Flood 2014).
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    /// The stream of a seed and a place.
    pub(super) fn new(seed: u64, place: u64) -> Self {
        let mut rng = Self(seed ^ place.wrapping_mul(0xd134_2543_de82_ef95));
        rng.bits();
        let start = rng.bits();
        Self(start)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal (Box and Muller).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Nearly standard normal: heads in 64 tosses. For the many small deviations that are added up.
    pub(super) fn tosses(&mut self) -> f64 {
        (f64::from(self.bits().count_ones()) - 32.0) / 4.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let values: Vec<f64> = (0..100_000).map(|_| draw()).collect();
        let mean = values.iter().sum::<f64>() / 1e5;
        (
            mean,
            values
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f64>()
                / 1e5,
        )
    }

    #[test]
    fn draws_are_standard_normal() {
        let mut rng = Rng::new(1, 2);
        let (mean, variance) = moments(|| rng.normal());
        assert!(
            mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02,
            "{mean} {variance}"
        );
        let (mean, variance) = moments(|| rng.tosses());
        assert!(
            mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02,
            "{mean} {variance}"
        );
    }

    #[test]
    fn a_place_has_its_own_stream() {
        let first = |seed, place| Rng::new(seed, place).bits();
        assert_eq!(first(7, 3), first(7, 3));
        assert!(first(7, 3) != first(7, 4) && first(7, 3) != first(8, 3));
    }
}
