//! The columns that queries in brackets give.

use std::borrow::Cow;
use std::rc::Rc;

use super::parts;
use super::scope::{Field, Relation, Scope};

impl<'a> Scope<'a, '_> {
    /// The columns under the names that a bracket lists.
    pub(super) fn renamed(&self, fields: &[Field<'a>], names: usize) -> Rc<Vec<Field<'a>>> {
        let level = self.frames.level(names);
        let names = level.iter().filter_map(|index| self.frames.name(*index));
        let mut renamed: Vec<Field<'a>> = fields.to_vec();
        for (index, name) in names.enumerate() {
            match renamed.get_mut(index) {
                Some(field) => field.name = Cow::Owned(name),
                None => renamed.push(Field {
                    name: Cow::Owned(name),
                    ..Field::default()
                }),
            }
        }
        Rc::new(renamed)
    }

    /// Whether the brackets hold a query in further brackets: `((SELECT …) UNION …)`.
    pub(super) fn holds_query(&self, frame: usize) -> bool {
        self.frames
            .level(frame)
            .first()
            .and_then(|first| self.frames.body(*first))
            .is_some_and(|inner| self.frames.frames[inner].query)
    }

    /// What a query in brackets gives: the columns of its first select.
    pub(super) fn output(&self, frame: usize) -> Rc<Vec<Field<'a>>> {
        if let Some(known) = self.given.borrow().get(&frame) {
            return Rc::clone(known);
        }
        self.given.borrow_mut().insert(frame, Rc::default());
        let inner = self
            .holds_query(frame)
            .then(|| self.frames.level(frame).first().copied())
            .flatten()
            .and_then(|first| self.frames.body(first));
        let fields = match inner {
            Some(inner) => self.output(inner),
            None => Rc::new(self.selected(frame)),
        };
        self.given.borrow_mut().insert(frame, Rc::clone(&fields));
        fields
    }

    fn selected(&self, frame: usize) -> Vec<Field<'a>> {
        let query = parts::query(self.frames, frame);
        let Some(select) = query.selects.first() else {
            return Vec::new();
        };
        if let [values, row, ..] = select.as_slice()
            && self.frames.is(*values, "values")
        {
            return self.unnamed(*row);
        }
        let relations = self.from(select, frame);
        let mut given = Vec::new();
        for item in parts::select_list(self.frames, select) {
            match item {
                [star] if self.frames.is_symbol(*star, "*") => {
                    given.extend(relations.iter().flat_map(|one| one.fields.iter().cloned()));
                }
                [table, _, star] if self.frames.is_symbol(*star, "*") => {
                    let name = self.frames.name(*table).unwrap_or_default();
                    let same = |one: &&Relation<'_>| one.name.eq_ignore_ascii_case(&name);
                    let found = relations.iter().find(same);
                    given.extend(found.iter().flat_map(|one| one.fields.iter().cloned()));
                }
                item => given.extend(self.item(item, &relations)),
            }
        }
        given
    }

    /// What VALUES calls the columns of its rows.
    fn unnamed(&self, row: usize) -> Vec<Field<'a>> {
        let Some(body) = self.frames.body(row) else {
            return Vec::new();
        };
        let level = self.frames.level(body);
        let commas = level.iter().filter(|one| self.frames.is_symbol(**one, ","));
        (1..=commas.count() + 1)
            .map(|place| Field {
                name: Cow::Owned(format!("column{place}")),
                ..Field::default()
            })
            .collect()
    }

    /// The column that an item of a select list gives, if it has a name.
    pub(super) fn item(&self, item: &[usize], relations: &[Relation<'a>]) -> Option<Field<'a>> {
        let alias = parts::alias(self.frames, item);
        let mut expression = item;
        if alias.is_some() {
            expression = expression.split_last()?.1;
            if let [rest @ .., word] = expression
                && self.frames.is(*word, "as")
            {
                expression = rest;
            }
        }
        let plain = match expression {
            [one] => Some(one),
            [_, dot, one] if self.frames.is_symbol(*dot, ".") => Some(one),
            _ => None,
        };
        let field = plain.and_then(|one| self.column(relations, *one));
        match alias {
            Some(alias) => Some(Field {
                name: Cow::Owned(alias),
                ..field.unwrap_or_default()
            }),
            None => field.or_else(|| {
                Some(Field {
                    name: Cow::Owned(self.frames.name(*plain?)?),
                    ..Field::default()
                })
            }),
        }
    }
}
