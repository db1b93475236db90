//! Package `__init__` files: names that load their module when they are first touched.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::imports::relative;
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
    let mut lines: Vec<_> = exports
        .iter()
        .map(|(public, target)| {
            let (defining, defined) = target.split_once(':').unwrap_or((target, public));
            (relative(&module, defining), defined, public)
        })
        .collect();
    lines.sort_by_key(|(module, _, public)| (module.to_lowercase(), public.to_lowercase()));
    for (defining, defined, public) in &lines {
        let line = format!("    from {defining} import {defined} as {public}\n");
        if line.chars().count() <= super::WIDTH + 1 {
            text += &line;
        } else {
            let _ = writeln!(
                text,
                "    from {defining} import (\n        {defined} as {public},\n    )"
            );
        }
    }
    text += "else:\n    lazy_exports(\n        globals(),\n        {\n";
    for (public, target) in exports {
        let (defining, defined) = target.split_once(':').unwrap_or((target, public));
        let place = relative(&module, defining);
        let value = if defined == public {
            place
        } else {
            format!("{place}:{defined}")
        };
        let _ = writeln!(text, "            \"{public}\": \"{value}\",");
    }
    text + "        },\n    )\n"
}
