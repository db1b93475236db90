//! What must hold of the Python facts.

mod imports;
mod methods;
mod names;
mod options;
mod transforms;

use std::collections::BTreeMap;

use super::{Api, Child, Resource};
use crate::error::{Error, Result};
use crate::load::PythonResource;

pub(super) use options::add as add_options;
pub(super) use transforms::transformed;

/// Joins every resource with its children; also gives the children of the client itself.
pub(super) fn join(
    root: &[(String, String)],
    resources: BTreeMap<String, PythonResource>,
) -> Result<(Vec<Child>, Vec<Resource>)> {
    let mut classes = BTreeMap::new();
    for facts in resources.values() {
        classes.insert(format!("{}:{}", facts.module, facts.sync), facts);
    }
    let child = |parent: &str, (attribute, target): &(String, String)| {
        let facts = classes.get(target).ok_or_else(|| {
            Error::new(
                parent,
                format_args!("`{attribute}` leads to `{target}`, which is no resource"),
            )
        })?;
        Ok(Child {
            attribute: attribute.clone(),
            module: facts.module.clone(),
            sync: facts.sync.clone(),
            asynchronous: facts.asynchronous.clone(),
            is_viewed: facts.views,
        })
    };
    let roots = root
        .iter()
        .map(|found| child("root.json", found))
        .collect::<Result<Vec<_>>>()?;
    let mut children = BTreeMap::new();
    for facts in resources.values() {
        let mut found = facts
            .children
            .iter()
            .map(|found| child(&facts.resource, found))
            .collect::<Result<Vec<Child>>>()?;
        if let Some(viewed) = &facts.view_children {
            for child in &mut found {
                child.is_viewed = viewed.contains(&child.attribute);
            }
        }
        children.insert(facts.resource.clone(), found);
    }
    let resources = resources
        .into_iter()
        .map(|(name, facts)| Resource {
            facts,
            children: children.remove(&name).unwrap_or_default(),
        })
        .collect();
    Ok((roots, resources))
}

/// Fails when a name leads nowhere or an entry of the overlay is of no use.
pub(super) fn check(api: &Api) -> Result<()> {
    imports::check(api)?;
    names::check(api)?;
    methods::check(api)
}
