//! What every load needs and nothing of it changes: keys, code lists, regions, today.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::plan::Lists;
use crate::catalog::Catalog;
use crate::domain::{CodeList, Regions};
use crate::error::{Lang, Result};
use crate::vault::{Keys, Pseudonymiser, Sealer};

/// Kinds of pseudonyms; each has its own domain, so that equal numbers of different kinds differ.
const KINDS: [&str; 5] = [
    "person",
    "certificate",
    "household",
    "registration",
    "child",
];

/// Shared by all loads of a run.
#[derive(Debug)]
pub(super) struct Kit<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) pseudonyms: HashMap<String, Pseudonymiser>,
    pub(super) sealer: Sealer,
    pub(super) regions: Regions,
    pub(super) lists: Lists,
    /// The county whose townships the catalog lists: a region code.
    pub(super) county: Option<String>,
    /// When the files were received.
    pub(super) now: DateTime<Utc>,
    /// The day of that, since 1970-01-01.
    pub(super) today: i32,
    /// Language of reject reasons.
    pub(super) lang: Lang,
}

impl<'a> Kit<'a> {
    pub(super) fn new(
        catalog: &'a Catalog,
        keys: &Keys,
        now: DateTime<Utc>,
        lang: Lang,
    ) -> Result<Self> {
        let pseudonyms = KINDS
            .iter()
            .map(|kind| ((*kind).to_owned(), Pseudonymiser::new(keys, kind)))
            .collect();
        let mut lists = HashMap::new();
        for (name, text) in &catalog.codes {
            lists.insert(name.clone(), CodeList::from_csv(name, text)?);
        }
        let regions = Regions::from_csv(&catalog.regions_csv)?;
        let county = regions
            .rows()
            .iter()
            .find_map(|region| region.code.township()?.parent())
            .map(|county| county.as_str().to_owned());
        Ok(Self {
            catalog,
            pseudonyms,
            sealer: Sealer::new(keys),
            regions,
            county,
            lists,
            now,
            today: now.timestamp().div_euclid(86_400) as i32,
            lang,
        })
    }
}
