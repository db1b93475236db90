//! Breaks long lines the way `ruff format` does.

use std::cell::Cell;

use super::WIDTH;
use crate::model::Expr;

/// `prefix expr suffix` at `indent` columns; subscripts are opened, from the outside inwards, until every line fits.
pub(super) fn line(
    indent: usize,
    prefix: &str,
    expr: &Expr,
    suffix: &str,
    name: &dyn Fn(&str) -> String,
) -> String {
    opened(indent, prefix, expr, suffix, name, None)
}

/// As [`line()`], but a long list has as many members in a line as fit, and the formatter is told to leave that.
pub(super) fn statement(
    indent: usize,
    prefix: &str,
    expr: &Expr,
    suffix: &str,
    name: &dyn Fn(&str) -> String,
) -> String {
    let is_filled = Cell::new(false);
    let text = opened(indent, prefix, expr, suffix, name, Some(&is_filled));
    if is_filled.get() {
        text + "  # fmt: skip"
    } else {
        text
    }
}

/// `is_filled` allows to fill lines and learns whether that was done.
fn opened(
    indent: usize,
    prefix: &str,
    expr: &Expr,
    suffix: &str,
    name: &dyn Fn(&str) -> String,
    is_filled: Option<&Cell<bool>>,
) -> String {
    let flat = format!("{}{prefix}{}{suffix}", " ".repeat(indent), expr.flat(name));
    if flat.trim_end().chars().count() <= WIDTH {
        return flat;
    }
    match expr {
        Expr::Index(base, items) => {
            let space = " ".repeat(indent);
            let mut text = format!("{space}{prefix}{}[\n", name(base));
            let members: Vec<_> = items.iter().map(|item| item.flat(name)).collect();
            let inner = format!("{space}    {}\n", members.join(", "));
            if inner.chars().count() <= WIDTH + 1 {
                return text + &inner + &space + "]" + suffix;
            }
            let is_list = items.len() > 2
                && members
                    .iter()
                    .all(|member| indent + 4 + member.chars().count() < WIDTH);
            if let Some(is_filled) = is_filled.filter(|_| is_list) {
                is_filled.set(true);
                return text + &fill(indent + 4, &members) + &space + "]" + suffix;
            }
            // A comma after a single member would make it a tuple of one.
            let comma = if items.len() > 1 { "," } else { "" };
            for item in items {
                text += &opened(indent + 4, "", item, comma, name, is_filled);
                text.push('\n');
            }
            text + &" ".repeat(indent) + "]" + suffix
        }
        Expr::Or(items) => match items.split_first() {
            // Outside of brackets a union of several lines needs some.
            Some(_) if prefix.ends_with("-> ") => {
                let space = " ".repeat(indent);
                let inner = opened(indent + 4, "", expr, "", name, is_filled);
                format!("{space}{prefix}(\n{inner}\n{space}){suffix}")
            }
            Some((first, rest)) if !rest.is_empty() => {
                let space = " ".repeat(indent);
                let rest: String = rest
                    .iter()
                    .map(|item| format!("\n{space}| {}", item.flat(name)))
                    .collect();
                opened(indent, prefix, first, "", name, is_filled) + &rest + suffix
            }
            _ => flat,
        },
        _ => flat,
    }
}

/// The import of one name in a function, with its line feed.
pub(super) fn local_import(indent: usize, module: &str, name: &str) -> String {
    import(indent, module, &[name.to_owned()])
}

/// A call, `head arguments tail`: in one line, else with the arguments in a line of their own, else as [`list()`].
pub(super) fn call(indent: usize, head: &str, arguments: &[String], tail: &str) -> String {
    let space = " ".repeat(indent);
    let inner = format!("{space}    {}", arguments.join(", "));
    let flat = list(indent, head, arguments, tail);
    if flat.contains('\n') && !inner.contains('\n') && inner.chars().count() <= WIDTH {
        return format!("{space}{head}\n{inner}\n{space}{tail}");
    }
    flat
}

/// A literal, `head items tail`: in one line, else one item a line with a comma behind it.
pub(super) fn list(indent: usize, head: &str, items: &[String], tail: &str) -> String {
    let space = " ".repeat(indent);
    let flat = format!("{space}{head}{}{tail}", items.join(", "));
    if flat.chars().count() <= WIDTH && !flat.contains('\n') {
        return flat;
    }
    let mut text = format!("{space}{head}\n");
    for item in items {
        text += &format!("{space}    {item},\n");
    }
    text + &space + tail
}

/// A statement `head items tail` in one line, else with as many items in a line as fit, which the formatter must leave.
pub(super) fn filled(indent: usize, head: &str, items: &[String], tail: &str) -> String {
    let space = " ".repeat(indent);
    let flat = format!("{space}{head}{}{tail}\n", items.join(", "));
    if flat.chars().count() <= WIDTH + 1 {
        return flat;
    }
    format!(
        "{space}{head}\n{}{space}{tail}  # fmt: skip\n",
        fill(indent + 4, items)
    )
}

/// `items` with commas, as many in a line as fit; an item that has lines of its own stands alone.
pub(super) fn fill(indent: usize, items: &[String]) -> String {
    let space = " ".repeat(indent);
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line)
                if !line.contains('\n')
                    && !item.contains('\n')
                    && line.chars().count() + item.chars().count() + 2 <= WIDTH =>
            {
                line.push(' ');
                *line += item;
                line.push(',');
            }
            _ => lines.push(format!("{space}{item},")),
        }
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// `from module import names` with its line feed, broken when it is too long; nothing without a name.
pub(super) fn import(indent: usize, module: &str, names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let flat = format!(
        "{}from {module} import {}\n",
        " ".repeat(indent),
        names.join(", ")
    );
    if flat.chars().count() <= WIDTH + 1 {
        return flat;
    }
    let space = " ".repeat(indent);
    let lines: String = names
        .iter()
        .map(|name| format!("{space}    {name},\n"))
        .collect();
    format!("{space}from {module} import (\n{lines}{space})\n")
}

/// `text` in lines that are no wider than the rest of the file, each `indent` columns to the right, later ones `more`.
pub(super) fn wrap(indent: usize, more: usize, text: &str) -> String {
    let mut lines = String::new();
    let mut line = " ".repeat(indent);
    let mut is_first = true;
    for word in text.split(' ') {
        if !is_first && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines += &line;
            lines.push('\n');
            line = " ".repeat(indent + more);
        } else if !is_first {
            line.push(' ');
        }
        line += word;
        is_first = false;
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::model::Expr;

    #[test]
    fn long_lines_open_subscripts_from_the_outside() {
        let long = "a".repeat(100);
        let text = format!("Optional[Union[{long}, B]]");
        let expr = Expr::parse(&text).expect("an expression");
        let laid_out = line(4, "field: ", &expr, " = None", &|name| name.to_owned());
        let expected = format!("    field: Optional[\n        Union[{long}, B]\n    ] = None");
        assert_eq!(laid_out, expected);
    }
}
