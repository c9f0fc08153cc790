//! The tables `births` and `links`, made from what linking found.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Float64Array, Int8Array, Int32Array,
    RecordBatch, StringArray,
};

use super::births::Register;
use super::gap::Scope;
use super::loaded::{DELIVERIES, Loaded};
use super::pass::Link;
use super::rows::Place;
use crate::domain::calendar;
use crate::error::Result;

impl Loaded {
    /// The table `births`.
    pub(super) fn births(&self) -> Result<RecordBatch> {
        let births = &self.found.births;
        let mut with = [vec![false; births.len()], vec![false; births.len()]];
        let birth_of = self.birth_of();
        for link in &self.delivery_links {
            let (register, _) = self.delivery_rows[link.left as usize];
            with[register][birth_of[link.right as usize]] = true;
        }
        let value = |rows: &Vec<u32>, order: [Register; 3], name: &str| {
            order.iter().find_map(|wanted| {
                rows.iter()
                    .map(|row| self.child(*row))
                    .filter(|found| found.2 == *wanted)
                    .find_map(|(records, record, ..)| records.number(record, name))
            })
        };
        let police = [
            Register::Household,
            Register::Certificates,
            Register::Visits,
        ];
        let text = |rows: &Vec<u32>, name: &str| {
            rows.iter()
                .map(|row| self.child(*row))
                .map(|(records, record, ..)| records.text(record, name))
                .find(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let is_in = |rows: &Vec<u32>, register: Register| {
            rows.iter().any(|row| self.child(*row).2 == register)
        };
        let dates: Vec<Option<i32>> = births
            .iter()
            .map(|rows| value(rows, police, "birth_date"))
            .collect();
        let mother = |rows: &Vec<u32>| {
            rows.iter()
                .map(|row| self.child(*row))
                .find_map(|(records, record, ..)| {
                    records.key(record, "mother_key").map(<[u8]>::to_vec)
                })
        };
        let scope = Scope::of(self);
        let columns: Vec<(&str, ArrayRef)> = vec![
            (
                "birth_key",
                Arc::new(BinaryArray::from_iter_values(self.keys())),
            ),
            ("birth_date", Arc::new(Date32Array::from(dates.clone()))),
            (
                "birth_year",
                Arc::new(
                    dates
                        .iter()
                        .map(|date| date.map(calendar::year))
                        .collect::<Int32Array>(),
                ),
            ),
            (
                "sex",
                Arc::new(
                    births
                        .iter()
                        .map(|rows| {
                            value(rows, police, "sex").and_then(|sex| i8::try_from(sex).ok())
                        })
                        .collect::<Int8Array>(),
                ),
            ),
            (
                "mother_key",
                Arc::new(births.iter().map(mother).collect::<BinaryArray>()),
            ),
            (
                "township_code",
                Arc::new(
                    births
                        .iter()
                        .map(|rows| text(rows, "township_code"))
                        .collect::<StringArray>(),
                ),
            ),
            (
                "in_birth_certificates",
                flags(
                    births
                        .iter()
                        .map(|rows| is_in(rows, Register::Certificates)),
                ),
            ),
            (
                "in_household_register",
                flags(births.iter().map(|rows| is_in(rows, Register::Household))),
            ),
            ("in_fertility_registrations", flags(with[0].iter().copied())),
            ("in_maternity_insurance", flags(with[1].iter().copied())),
            (
                "in_household_visits",
                flags(births.iter().map(|rows| is_in(rows, Register::Visits))),
            ),
            (
                "gap_reason",
                Arc::new(
                    births
                        .iter()
                        .zip(&dates)
                        .map(|(rows, date)| scope.reason(self, rows, *date))
                        .collect::<StringArray>(),
                ),
            ),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }

    /// The table `links`.
    pub(super) fn links(&self) -> Result<RecordBatch> {
        let keys = self.keys();
        let birth_of = self.birth_of();
        let mut table: [Vec<&str>; 2] = [Vec::new(), Vec::new()];
        let mut places: [Vec<&Place>; 2] = [Vec::new(), Vec::new()];
        let mut kinds = Vec::new();
        let mut births = Vec::new();
        let mut link_keys = Vec::new();
        let links: Vec<&Link> = self
            .found
            .links
            .iter()
            .chain(&self.delivery_links)
            .collect();
        for (at, link) in links.iter().enumerate() {
            link_keys.push(self.link_key(link, at < self.found.links.len()));
            let right = self.child(link.right);
            let left = if at < self.found.links.len() {
                kinds.push("child");
                births.push(&keys[birth_of[link.left as usize]]);
                let left = self.child(link.left);
                (left.3, &left.1.place)
            } else {
                kinds.push("delivery");
                births.push(&keys[birth_of[link.right as usize]]);
                let (register, number) = self.delivery_rows[link.left as usize];
                (
                    DELIVERIES[register].0,
                    &self.deliveries[register].records[number].place,
                )
            };
            for (side, (name, place)) in [left, (right.3, &right.1.place)].into_iter().enumerate() {
                table[side].push(name);
                places[side].push(place);
            }
        }
        let names = [
            [
                "left_table",
                "left_delivery_id",
                "left_source_sheet",
                "left_source_row",
            ],
            [
                "right_table",
                "right_delivery_id",
                "right_source_sheet",
                "right_source_row",
            ],
        ];
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("kind", Arc::new(StringArray::from_iter_values(kinds))),
            ("birth_key", Arc::new(BinaryArray::from_iter_values(births))),
            (
                "link_key",
                Arc::new(StringArray::from_iter_values(link_keys)),
            ),
        ];
        for side in 0..2 {
            let [name, delivery, sheet, row] = names[side];
            columns.push((name, Arc::new(StringArray::from_iter_values(&table[side]))));
            columns.push((
                delivery,
                Arc::new(StringArray::from_iter_values(
                    places[side].iter().map(|place| &place.0),
                )),
            ));
            columns.push((
                sheet,
                Arc::new(
                    places[side]
                        .iter()
                        .map(|place| place.1.as_deref())
                        .collect::<StringArray>(),
                ),
            ));
            columns.push((
                row,
                Arc::new(Int32Array::from_iter_values(
                    places[side].iter().map(|place| place.2),
                )),
            ));
        }
        columns.push((
            "class",
            Arc::new(StringArray::from_iter_values(
                links.iter().map(|link| link.class.as_str()),
            )),
        ));
        columns.push((
            "pass",
            Arc::new(StringArray::from_iter_values(
                links.iter().map(|link| link.pass.as_str()),
            )),
        ));
        columns.push((
            "score",
            Arc::new(
                links
                    .iter()
                    .map(|link| link.score.map(|score| score.probability))
                    .collect::<Float64Array>(),
            ),
        ));
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}

fn flags(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}
