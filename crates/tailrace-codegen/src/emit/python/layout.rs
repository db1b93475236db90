//! Breaks long lines, as `ruff format` does or denser.

use super::WIDTH;
use crate::model::Expr;

/// `prefix expr suffix` at `indent` columns; subscripts are opened, from the outside inwards, until every line fits. A list
/// of short members has as many of them in a line as fit.
pub(super) fn line(
    indent: usize,
    prefix: &str,
    expr: &Expr,
    suffix: &str,
    name: &dyn Fn(&str) -> String,
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
            if is_list {
                return text + &fill(indent + 4, &members) + &space + "]" + suffix;
            }
            // A comma after a single member would make it a tuple of one.
            let comma = if items.len() > 1 { "," } else { "" };
            for item in items {
                text += &line(indent + 4, "", item, comma, name);
                text.push('\n');
            }
            text + &" ".repeat(indent) + "]" + suffix
        }
        Expr::Or(items) => match items.split_first() {
            // Outside of brackets a union of several lines needs some.
            Some(_) if prefix.ends_with("-> ") => {
                let space = " ".repeat(indent);
                let inner = line(indent + 4, "", expr, "", name);
                format!("{space}{prefix}(\n{inner}\n{space}){suffix}")
            }
            Some((first, rest)) if !rest.is_empty() => {
                let space = " ".repeat(indent);
                let rest: String = rest
                    .iter()
                    .map(|item| format!("\n{space}| {}", item.flat(name)))
                    .collect();
                line(indent, prefix, first, "", name) + &rest + suffix
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

/// A statement `head items tail` in one line, else with as many items in a line as fit.
pub(super) fn filled(indent: usize, head: &str, items: &[String], tail: &str) -> String {
    let space = " ".repeat(indent);
    let flat = format!("{space}{head}{}{tail}\n", items.join(", "));
    if flat.chars().count() <= WIDTH + 1 {
        return flat;
    }
    format!("{space}{head}\n{}{space}{tail}\n", fill(indent + 4, items))
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
    format!(
        "{space}from {module} import (\n{}{space})\n",
        fill(indent + 4, names)
    )
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
