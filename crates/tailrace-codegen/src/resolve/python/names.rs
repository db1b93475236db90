//! Names in type expressions lead somewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Api, Resource};
use crate::error::{Error, Result};
use crate::load::{PythonDefinition, PythonMethod};
use crate::model::Expr;

/// Every name in a type expression is defined, imported or in the overlay, and the overlay has no other names.
pub(super) fn check(api: &Api) -> Result<()> {
    let names = &api.overlay.python.names;
    let mut unused: BTreeSet<&str> = names.keys().map(String::as_str).collect();
    let mut outside: BTreeSet<&String> = api.overlay.python.outside.keys().collect();
    for (module, facts) in &api.python_types {
        let own: BTreeSet<&str> = facts
            .definitions
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        for (_, definition) in &facts.definitions {
            let texts = texts(definition);
            let missing = known(api, &own, &facts.imports, &texts, &mut unused)?;
            refuse(module, &missing)?;
        }
    }
    for Resource { facts, .. } in &api.python_resources {
        outside.retain(|target| !facts.outside.values().any(|found| found == *target));
        let mut imports = facts.imports.clone();
        for (name, target) in &facts.outside {
            let is_own = facts.also().any(|own| own == name);
            if is_own || api.overlay.python.outside.contains_key(target) {
                imports.insert(name.clone(), target.clone());
            }
        }
        if let Some(connections) = &facts.connections {
            for name in connections.classes() {
                imports.insert(name.clone(), format!("{}:{name}", facts.module));
            }
            let texts: Vec<_> = connections.texts().collect();
            let missing = known(api, &BTreeSet::new(), &imports, &texts, &mut unused)?;
            refuse(&facts.module, &missing)?;
        }
        for (name, method) in &facts.methods {
            let place = format!("{}.{name}", facts.resource);
            let texts = signature(method);
            let missing = known(api, &BTreeSet::new(), &imports, &texts, &mut unused)?;
            refuse(&place, &missing)?;
        }
    }
    let outside = outside.first().map(|name| name.as_str());
    match unused.first().copied().or(outside) {
        Some(name) => Err(Error::new(
            "overlay.json",
            format_args!("no fact uses the name `{name}`"),
        )),
        None => Ok(()),
    }
}

fn texts(definition: &PythonDefinition) -> Vec<&String> {
    match definition {
        PythonDefinition::Model(model) => {
            let fields = model
                .fields
                .iter()
                .flat_map(|field| [Some(&field.annotation), field.runtime.as_ref()])
                .flatten();
            model
                .bases
                .iter()
                .chain(fields)
                .chain(&model.extra)
                .collect()
        }
        PythonDefinition::Dict { bases, fields, .. } => bases
            .iter()
            .chain(fields.iter().map(|field| &field.annotation))
            .collect(),
        PythonDefinition::Alias { annotation } => vec![annotation],
        PythonDefinition::TypeVar {} => Vec::new(),
    }
}

fn signature(method: &PythonMethod) -> Vec<&String> {
    let overloads = method
        .overloads
        .iter()
        .chain(method.async_overloads.iter().flatten());
    let mut texts = vec![&method.returns];
    texts.extend(&method.async_returns);
    texts.extend(&method.cast_to);
    texts.extend(&method.stream_item);
    let mut parameters: Vec<_> = method.parameters.iter().collect();
    parameters.extend(&method.async_parameters);
    parameters.extend(method.async_signature.iter().flatten());
    for overload in overloads {
        texts.push(&overload.returns);
        parameters.extend(&overload.changes);
        parameters.extend(overload.parameters.iter().flatten());
    }
    texts.extend(parameters.iter().map(|parameter| &parameter.annotation));
    texts
}

/// Names of `texts` that nothing knows.
fn known(
    api: &Api,
    own: &BTreeSet<&str>,
    imports: &BTreeMap<String, String>,
    texts: &[&String],
    unused: &mut BTreeSet<&str>,
) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for text in texts {
        Expr::parse(text)?.names(&mut |name| {
            let first = name.split('.').next().unwrap_or(name);
            if own.contains(first) || imports.contains_key(first) {
                return;
            }
            if api.overlay.python.names.contains_key(name) {
                unused.remove(name);
            } else {
                missing.push(name.to_owned());
            }
        });
    }
    Ok(missing)
}

fn refuse(place: &str, missing: &[String]) -> Result<()> {
    match missing.first() {
        Some(name) => Err(Error::new(
            place,
            format_args!("nothing says where `{name}` comes from; add it to overlay.json"),
        )),
        None => Ok(()),
    }
}
