//! The bundled sample: which files each department sends, drawn from one [`World`], with the
//! defects that are planted in each. Entry point: [`exports`].

mod birth_counts;
mod births;
mod certificate_rows;
mod civil;
mod deaths;
mod fertility;
mod insurance;
mod police;
mod statistics;
mod visits;

use crate::export::{Container, Encoding, Export, Outcome, Sheet};
use crate::world::World;

/// The seed of the bundled sample.
pub const SEED: u64 = 150_121;

/// Every file of the sample in the order of paths, which is the order of arrival.
pub fn exports() -> Vec<Export> {
    let mut world = World::build(SEED);
    let mut exports = births::exports(&mut world);
    exports.extend(birth_counts::exports(&world));
    exports.extend(fertility::exports(&mut world));
    exports.extend(police::register(&mut world));
    exports.extend(deaths::cancellations(&mut world));
    exports.extend(deaths::cards(&mut world));
    exports.extend(civil::marriages(&mut world));
    exports.extend(civil::divorces(&mut world));
    exports.extend(civil::adoptions());
    exports.extend(insurance::exports(&mut world));
    exports.extend(visits::exports(&mut world));
    exports.extend(statistics::annual());
    exports.extend(statistics::survey(&mut world));
    exports.extend(statistics::plans());
    exports.sort_by(|a, b| a.path.cmp(&b.path));
    exports
}

/// Text in `encoding` with `delimiter`.
const fn text(delimiter: char, encoding: Encoding) -> Container {
    Container::Text {
        delimiter,
        encoding,
    }
}

/// A comma-separated file in GBK, as Excel and WPS save "CSV".
const GBK: Container = text(',', Encoding::Gb18030);

/// A file in force with nothing noted yet.
fn export(
    path: &str,
    source: &'static str,
    period: &str,
    container: Container,
    sheets: Vec<Sheet>,
) -> Export {
    Export {
        path: path.to_owned(),
        source,
        period: period.to_owned(),
        container,
        sheets,
        outcome: Outcome::Current,
        planted: Vec::new(),
    }
}

/// The headers of a layout of `(header, field)` pairs.
fn headers<'a>(layout: &[(&'a str, &str)]) -> Vec<&'a str> {
    layout.iter().map(|(header, _)| *header).collect()
}
