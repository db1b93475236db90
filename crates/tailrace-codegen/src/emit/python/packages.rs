//! Package `__init__` files: names that load their module when they are first touched.

use std::collections::BTreeMap;

use super::imports::relative;
use super::layout;
use crate::emit::marker;

/// The `__init__` of package `name`, which exports `exports` (public name to `module:Name`).
pub(super) fn emit(name: &str, exports: &BTreeMap<String, String>) -> String {
    let module = format!("{name}.__init__");
    let mut text = format!("# {}\n", marker("python/packages.rs"));
    if exports.is_empty() {
        return text;
    }
    let lazy = relative(&module, "_lazy");
    // The constant spares the package `typing`; type checkers know it by its name.
    text +=
        &format!("from {lazy} import lazy_exports\n\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n");
    let mut modules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut places = Vec::new();
    for (public, target) in exports {
        let (defining, defined) = target.split_once(':').unwrap_or((target, public));
        let place = relative(&module, defining);
        places.push(if defined == public {
            format!("\"{public}\": \"{place}\"")
        } else {
            format!("\"{public}\": \"{place}:{defined}\"")
        });
        let names = modules.entry(place).or_default();
        names.push(format!("{defined} as {public}"));
    }
    for (place, names) in &modules {
        let flat = format!("    from {place} import {}\n", names.join(", "));
        text += &if flat.chars().count() <= super::WIDTH + 1 {
            flat
        } else {
            layout::filled(4, &format!("from {place} import ("), names, ")")
        };
    }
    text += "else:\n    lazy_exports(\n        globals(),\n        {\n";
    text += &layout::fill(12, &places);
    text + "        },\n    )\n"
}
