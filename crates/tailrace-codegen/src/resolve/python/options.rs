//! Options of a call that only this package has.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::load::{PythonMethod, PythonOption, PythonParameter, PythonResource};

/// The official option of every method that sends something.
const OFFICIAL: &str = "timeout";

/// Adds the options of the overlay to the methods that they are for, in every form.
pub(crate) fn add(
    resources: &mut BTreeMap<String, PythonResource>,
    options: &[PythonOption],
) -> Result<()> {
    let mut unused: Vec<(&PythonOption, &String)> = options
        .iter()
        .flat_map(|option| {
            option
                .methods
                .iter()
                .flatten()
                .map(move |place| (option, place))
        })
        .collect();
    for resource in resources.values_mut() {
        for (name, method) in &mut resource.methods {
            let place = format!("{}.{name}", resource.resource);
            let added: Vec<PythonParameter> = options
                .iter()
                .filter(|option| option.is_for(&place))
                .map(PythonOption::parameter)
                .collect();
            if extend(method, &added) {
                unused.retain(|(_, used)| **used != place);
            }
        }
    }
    match unused.first() {
        None => Ok(()),
        Some((option, place)) => Err(Error::new(
            "overlay.json",
            format_args!(
                "the option `{}` is for `{place}`, which is no method with `{OFFICIAL}`",
                option.name
            ),
        )),
    }
}

/// Adds `options` to every list of parameters of a method; false when it has no list that takes them.
fn extend(method: &mut PythonMethod, options: &[PythonParameter]) -> bool {
    let overloads = method
        .overloads
        .iter_mut()
        .chain(method.async_overloads.iter_mut().flatten())
        .filter_map(|overload| overload.parameters.as_mut());
    let lists = overloads
        .chain(&mut method.async_signature)
        .chain([&mut method.parameters]);
    let mut found = false;
    for list in lists {
        if list.iter().any(|parameter| parameter.name == OFFICIAL) {
            list.extend(options.iter().cloned());
            found = true;
        }
    }
    found
}
