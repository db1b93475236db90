//! What the client has itself: a property for each resource, and the views of raw responses.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::imports::{Imports, relative};
use super::layout;
use super::resources::Form;
use super::views::View;
use crate::emit::marker;
use crate::output::Files;
use crate::resolve::{Api, Child};

const ROOTS: &str = "resources._roots";
/// Apart from the roots, because a client without raw responses needs none of it.
const VIEWS: &str = "resources._root_views";

/// Both modules; none for an API without a root.
pub(super) fn emit(api: &Api) -> Files {
    let mut files = Files::new();
    if !api.python_roots.is_empty() {
        files.insert(super::path(ROOTS), roots(api));
        files.insert(super::path(VIEWS), views(api));
    }
    files
}

fn roots(api: &Api) -> String {
    module(api, ROOTS, |run, checked| {
        let mut text = String::new();
        for form in Form::BOTH {
            let (class, kind) = form.of(
                ("SyncResources", "blocking"),
                ("AsyncResources", "awaitable"),
            );
            let _ = write!(
                text,
                "\n\nclass {class}:\n    \"\"\"The resources of the {kind} client.\"\"\"\n"
            );
            for child in &api.python_roots {
                let class = form.of(&child.sync, &child.asynchronous);
                text += &property(run, checked, child, class);
            }
        }
        text
    })
}

fn views(api: &Api) -> String {
    module(api, VIEWS, |run, checked| {
        let mut text = String::new();
        for (view, kind, when) in [
            (View::Raw, "RawResponse", "with the body read"),
            (
                View::Streaming,
                "StreamedResponse",
                "before the body is read",
            ),
        ] {
            for form in Form::BOTH {
                let client = form.of("OpenAI", "AsyncOpenAI");
                checked.target(client, &format!("_client:{client}"));
                let _ = write!(
                    text,
                    "\n\nclass {client}With{kind}:\n    \"\"\"The client, with resources that return raw responses, {when}.\"\"\"\n\n    def __init__(self, client: {client}) -> None:\n        self._client = client\n"
                );
                for child in api.python_roots.iter().filter(|child| child.is_viewed) {
                    let class = form.of(&child.sync, &child.asynchronous);
                    let class = format!("{class}{}", view.suffix());
                    let decorator = run.target("cached_property", "functools:cached_property");
                    checked.target(&class, &format!("{}:{class}", child.module));
                    let _ = write!(
                        text,
                        "\n    @{decorator}\n    def {name}(self) -> {class}:\n        return self._client.{name}.{property}\n",
                        name = child.attribute,
                        property = view.property(),
                    );
                }
            }
        }
        text
    })
}

/// A property that imports its class when it is first touched.
fn property(run: &Imports<'_>, checked: &Imports<'_>, child: &Child, class: &str) -> String {
    let decorator = run.target("cached_property", "functools:cached_property");
    checked.target(class, &format!("{}:{class}", child.module));
    let from = relative(ROOTS, &child.module);
    let name = &child.attribute;
    let import = layout::local_import(8, &from, class);
    format!(
        "\n    @{decorator}\n    def {name}(self) -> {class}:\n        \"\"\"`client.{name}`.\"\"\"\n{import}\n        return {class}(self)\n"
    )
}

fn module(
    api: &Api,
    name: &str,
    classes: impl FnOnce(&Imports<'_>, &Imports<'_>) -> String,
) -> String {
    let known = BTreeMap::new();
    let imports = || Imports::new(name, &known, &api.overlay.python, []);
    let (run, checked) = (imports(), imports());
    run.target("annotations", "__future__:annotations");
    let text = classes(&run, &checked);
    format!(
        "# {}\n{}\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n{}{text}",
        marker("python/roots.rs"),
        run.text(0),
        checked.text(4)
    )
}
