//! A method has an operation or a helper, and they fit its parameters.

use std::collections::BTreeSet;

use super::super::{Api, Resource};
use crate::error::{Error, Result};
use crate::load::{Operation, PythonMethod, Streaming};

pub(super) fn check(api: &Api) -> Result<()> {
    let overlay = &api.overlay.python;
    let mut helpers: BTreeSet<&String> = overlay.helpers.keys().collect();
    let mut checks: BTreeSet<&String> = overlay.checks.keys().collect();
    let mut units: BTreeSet<&String> = overlay.units.keys().collect();
    let mut deprecated: BTreeSet<&String> = overlay.deprecated.keys().collect();
    for Resource { facts, .. } in &api.python_resources {
        for (name, method) in &facts.methods {
            let place = format!("{}.{name}", facts.resource);
            let is_helper = helpers.remove(&place);
            let is_connect = name == "connect" && facts.connections.is_some();
            if is_connect && !overlay.connections.contains_key(&facts.resource) {
                return Err(Error::new(
                    place,
                    "opens connections; overlay.json must say under `connections` where they lead",
                ));
            }
            if method.helper && !is_helper && !is_connect {
                return Err(Error::new(
                    place,
                    "is no plain request; overlay.json must name it under `helpers`",
                ));
            }
            if !method.helper && is_helper {
                return Err(Error::new(place, "is a plain request and needs no helper"));
            }
            for parameter in &method.parameters {
                units.remove(&parameter.name);
            }
            for check in method.checks.keys() {
                if !overlay.checks.contains_key(check) {
                    return Err(Error::new(
                        place,
                        format_args!("is checked by `{check}`, which overlay.json does not know"),
                    ));
                }
                checks.remove(check);
            }
            if method.deprecated.is_some() {
                let key = api.deprecation(&place).map(|(key, _)| key).ok_or_else(|| {
                    Error::new(
                        &place,
                        "is deprecated; overlay.json must say under `deprecated` what to use",
                    )
                })?;
                deprecated.remove(key);
            }
            match api.operations.get(&place) {
                Some(operation) => fits(&place, method, operation)?,
                None if is_helper || is_connect => {}
                None => return Err(Error::new(place, "has no operation")),
            }
        }
    }
    let has_none = |name: &&String| {
        let found = api
            .python_resources
            .iter()
            .find(|resource| resource.facts.resource == **name);
        found.is_none_or(|resource| resource.facts.connections.is_none())
    };
    let connections = overlay.connections.keys().filter(has_none).collect();
    let unused = [
        ("connections", connections),
        ("helpers", helpers),
        ("checks", checks),
        ("deprecated", deprecated),
        ("units", units),
    ];
    for (table, unused) in unused {
        if let Some(name) = unused.first() {
            return Err(Error::new(
                "overlay.json",
                format_args!("`{name}` under `{table}` is of no use"),
            ));
        }
    }
    Ok(())
}

/// What a request sends are parameters, and what it answers has a type.
fn fits(place: &str, method: &PythonMethod, operation: &Operation) -> Result<()> {
    let names: BTreeSet<&str> = method
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .collect();
    let sent = Operation::members(&operation.query)
        .chain(Operation::members(&operation.body))
        .map(|(_, parameter)| parameter)
        .chain(operation.placeholders())
        .chain(operation.header_parameters.values().map(String::as_str))
        .chain(operation.body_is.as_deref());
    for parameter in sent {
        if !names.contains(parameter) {
            return Err(Error::new(
                place,
                format_args!("sends `{parameter}`, which is no parameter"),
            ));
        }
    }
    if !operation.files.is_empty() && operation.multipart.is_none() {
        return Err(Error::new(place, "has files and is no multipart request"));
    }
    if method.helper {
        return Ok(());
    }
    if method.cast_to.is_none() && operation.stream != Streaming::Always {
        return Err(Error::new(place, "has an answer without a type"));
    }
    if (operation.stream != Streaming::Never) != method.stream_item.is_some() {
        return Err(Error::new(
            place,
            "streams without an item type, or the other way round",
        ));
    }
    let page = operation.page.as_ref().map(|page| format!("Sync{page}"));
    if page != method.page {
        return Err(Error::new(
            place,
            "is a page here and none there, or another one",
        ));
    }
    Ok(())
}
