//! Whether tables changed between two snapshots: pure.

use std::collections::BTreeSet;

use crate::warehouse::{DataFile, LakeTable, MAIN};

/// Tables with their files at a snapshot.
pub(super) type Listing = [(LakeTable, Vec<DataFile>)];

/// The tables of `names` whose files are others `now` than `then`. Merging small files counts as a
/// change as well: one run too many rather than one too few.
pub(super) fn changed<'a>(
    names: &'a BTreeSet<String>,
    then: &Listing,
    now: &Listing,
) -> Vec<&'a str> {
    names
        .iter()
        .map(String::as_str)
        .filter(|name| files(then, name) != files(now, name))
        .collect()
}

fn files(listing: &Listing, name: &str) -> BTreeSet<i64> {
    listing
        .iter()
        .filter(|(table, _)| table.schema == MAIN && table.name == name)
        .flat_map(|(_, files)| files.iter().map(|file| file.id))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(tables: &[(&str, &[i64])]) -> Vec<(LakeTable, Vec<DataFile>)> {
        let table = |(name, files): &(&str, &[i64])| {
            let table = LakeTable {
                id: 1,
                schema: MAIN.to_owned(),
                name: (*name).to_owned(),
                path: String::new(),
                columns: Vec::new(),
                partition: None,
            };
            let file = |id: &i64| DataFile {
                id: *id,
                table_id: 1,
                path: String::new(),
                rows: 1,
                bytes: 1,
                footer: 1,
                partition: None,
            };
            (table, files.iter().map(file).collect())
        };
        tables.iter().map(table).collect()
    }

    #[test]
    fn only_tables_that_are_read_count() {
        let names = BTreeSet::from(["births".to_owned(), "deaths".to_owned()]);
        let then = listing(&[("births", &[1, 2]), ("deaths", &[3]), ("marriages", &[4])]);
        let same = listing(&[("births", &[2, 1]), ("deaths", &[3]), ("marriages", &[9])]);
        assert_eq!(changed(&names, &then, &same), [""; 0]);
        let more = listing(&[("births", &[1, 2]), ("deaths", &[3, 5])]);
        assert_eq!(changed(&names, &then, &more), ["deaths"]);
        let less = listing(&[("births", &[1]), ("deaths", &[3])]);
        assert_eq!(changed(&names, &then, &less), ["births"]);
        assert_eq!(changed(&names, &[], &then), ["births", "deaths"]);
    }
}
