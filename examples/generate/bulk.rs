//! Record sources of any size, streamed: constant memory, about 140 bytes a row, a few million
//! rows a second. Entry point: [`write`]. Every text is encoded once, rows are put together from
//! bytes.

mod people;
mod rows;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use fastrand::Rng;

use people::People;

/// What to make.
pub struct Order {
    /// Department and source.
    pub source: String,
    /// How many rows.
    pub rows: u64,
    /// GB18030, else UTF-8.
    pub gb18030: bool,
    /// Seed.
    pub seed: u64,
    /// Share of rows that must be rejected.
    pub errors: f64,
}

/// What is wrong with a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defect {
    /// Nothing.
    None,
    /// The first ID number came through Excel.
    LossyId,
    /// The main date does not exist.
    BadDate,
    /// The main date lies in the future.
    Future,
}

/// Rejects planted, by rule.
#[derive(Default)]
struct Planted {
    lossy_id: u64,
    date: u64,
    future: u64,
}

/// Writes the file and tells what is in it, as `name=value` pairs.
pub fn write(order: &Order, path: &Path) -> String {
    const BLOCK: usize = 1 << 20;
    let Some(kind) = rows::kind(&order.source) else {
        panic!(
            "no bulk data for {}; there is {}",
            order.source,
            rows::names().join(", ")
        );
    };
    let started = Instant::now();
    let mut people = People::new(Rng::with_seed(order.seed), order.gb18030);
    let mut file = File::create(path).expect("the file can be made");
    let mut out = Vec::with_capacity(BLOCK + 4096);
    let mut planted = Planted::default();
    let mut bytes = 0;
    out.extend(people.encode(kind.header));
    out.extend(b"\r\n");
    // One draw in 2^32 decides, so that clean and spoilt files cost the same.
    let limit = (order.errors.clamp(0.0, 1.0) * f64::from(u32::MAX)) as u32;
    for row in 0..order.rows {
        let defect = if limit > 0 && people.rng.u32(..) < limit {
            match people.rng.u32(..3) {
                0 => Defect::LossyId,
                1 => Defect::BadDate,
                _ => Defect::Future,
            }
        } else {
            Defect::None
        };
        match defect {
            Defect::None => {}
            Defect::LossyId => planted.lossy_id += 1,
            Defect::BadDate => planted.date += 1,
            Defect::Future => planted.future += 1,
        }
        (kind.row)(&mut people, row, defect, &mut out);
        out.extend(b"\r\n");
        if out.len() >= BLOCK {
            bytes += out.len();
            file.write_all(&out).expect("the disk takes it");
            out.clear();
        }
    }
    bytes += out.len();
    file.write_all(&out).expect("the disk takes it");
    let seconds = started.elapsed().as_secs_f64();
    let Planted {
        lossy_id,
        date,
        future,
    } = planted;
    format!(
        "source={} rows={} bytes={bytes} rejected={} lossy_id={lossy_id} type={date} \
         future_date={future} \
         seconds={seconds:.2} rows_per_second={:.0}",
        order.source,
        order.rows,
        lossy_id + date + future,
        order.rows as f64 / seconds,
    )
}
