//! References to types whose modules load when the first response is there.

use super::imports::Imports;
use super::layout;
use crate::error::{Error, Result};
use crate::model::Expr;

/// The references of a module: constant, and the arguments of its `LazyType`.
#[derive(Debug, Default)]
pub(super) struct Lazy {
    found: Vec<(String, Vec<String>)>,
}

impl Lazy {
    /// What stands for the type `expr` at run time: a constant, or a class that is always loaded.
    ///
    /// `place` gives `module:Name` of a name, and nothing for one that is unknown.
    pub(super) fn reference(
        &mut self,
        expr: &Expr,
        run: &Imports<'_>,
        place: &dyn Fn(&str) -> Option<String>,
    ) -> Result<String> {
        let unknown = |name: &str| Error::new(name, "stands for an answer and is no known type");
        match expr {
            Expr::Name(name) => {
                let target = place(name).ok_or_else(|| unknown(name))?;
                let (module, defined) = target.split_once(':').unwrap_or((&target, name));
                if matches!(module, "builtins" | "types") {
                    return Ok(run.target(defined, &target));
                }
                let constant = constant(defined);
                let arguments = vec![quoted_module(module), format!("\"{defined}\"")];
                Ok(self.add(constant, arguments))
            }
            Expr::Index(base, items) => {
                let parts = items
                    .iter()
                    .map(|item| self.reference(item, run, place))
                    .collect::<Result<Vec<_>>>()?;
                let name = format!(
                    "{}_OF_{}",
                    constant(base),
                    parts
                        .iter()
                        .map(|part| constant(part))
                        .collect::<Vec<_>>()
                        .join("_")
                );
                let item = match parts.as_slice() {
                    [one] => one.clone(),
                    many => format!("({})", many.join(", ")),
                };
                let arguments = vec![
                    "\"typing\"".to_owned(),
                    format!("\"{base}\""),
                    format!("item={item}"),
                ];
                Ok(self.add(name, arguments))
            }
            _ => Err(Error::new(
                expr.flat(&str::to_owned),
                "is an answer of a form that no reference can say",
            )),
        }
    }

    /// A page of `item`, which is a reference of this module.
    pub(super) fn page(&mut self, class: &str, item: &str) -> String {
        let name = match class.strip_prefix("Sync") {
            Some(bare) => format!("{}_{}", constant(item), constant(bare)),
            None => format!(
                "ASYNC_{}_{}",
                constant(item),
                constant(class.trim_start_matches("Async"))
            ),
        };
        let arguments = vec![
            "\"tailrace.pagination\"".to_owned(),
            format!("\"{class}\""),
            format!("item={item}"),
        ];
        self.add(name, arguments)
    }

    fn add(&mut self, constant: String, arguments: Vec<String>) -> String {
        if !self.found.iter().any(|(known, _)| *known == constant) {
            self.found.push((constant.clone(), arguments));
        }
        constant
    }

    /// The constants, behind an empty line.
    pub(super) fn text(&self, run: &Imports<'_>) -> String {
        if self.found.is_empty() {
            return String::new();
        }
        let class = run.target("LazyType", "_lazy:LazyType");
        let mut text = "\n".to_owned();
        for (constant, arguments) in &self.found {
            text += &layout::call(0, &format!("{constant} = {class}("), arguments, ")");
            text.push('\n');
        }
        text
    }
}

fn quoted_module(module: &str) -> String {
    let ours = module.starts_with('_') || module.contains('.');
    let folder = if ours { "tailrace." } else { "" };
    format!("\"{folder}{module}\"")
}

/// `ChatCompletion` as `CHAT_COMPLETION`.
fn constant(name: &str) -> String {
    let mut text = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && was_lower {
            text.push('_');
        }
        was_lower = c.is_lowercase();
        text.extend(c.to_uppercase());
    }
    text
}
