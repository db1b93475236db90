//! Resource modules: a blocking and an awaitable class of the same methods, and their views of raw responses.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::imports::{Imports, relative};
use super::layout;
use super::lazy::Lazy;
use super::views::View;
use crate::emit::marker;
use crate::error::Result;
use crate::resolve::{Api, Child, Resource};

/// The two forms of every resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Sync,
    Async,
}

impl Form {
    pub(super) const BOTH: [Form; 2] = [Form::Sync, Form::Async];

    /// Which of a pair belongs to this form.
    pub(super) fn of<T>(self, sync: T, asynchronous: T) -> T {
        match self {
            Form::Sync => sync,
            Form::Async => asynchronous,
        }
    }
}

/// What writes a module: imports for type checkers, imports that run, and the lazy references to types.
pub(super) struct Writer<'a> {
    pub(super) api: &'a Api,
    pub(super) resource: &'a Resource,
    /// Names of annotations; only a type checker reads them.
    pub(super) checked: Imports<'a>,
    /// Names that the code runs with.
    pub(super) run: Imports<'a>,
    /// References to types that load when the first response is there.
    pub(super) lazy: Lazy,
    /// Names of parameters, which functions of ours must not share.
    parameters: BTreeSet<&'a str>,
}

/// The module of `resource`.
pub(super) fn emit(api: &Api, resource: &Resource) -> Result<String> {
    let facts = &resource.facts;
    let mut known = facts.imports.clone();
    for (name, place) in &facts.outside {
        if let Some(target) = api
            .overlay
            .python
            .outside
            .get(place)
            .filter(|target| *target != "Any")
        {
            known.insert(name.clone(), target.clone());
        }
    }
    let mut text = Writer::new(api, resource, &known).module()?;
    text.insert_str(0, &format!("# {}\n", marker("python/resources.rs")));
    Ok(text)
}

impl<'a> Writer<'a> {
    fn new(api: &'a Api, resource: &'a Resource, known: &'a BTreeMap<String, String>) -> Self {
        let facts = &resource.facts;
        let own: Vec<_> = facts
            .classes()
            .into_iter()
            .chain(facts.also().map(str::to_owned))
            .collect();
        let imports = || Imports::new(&facts.module, known, &api.overlay.python, own.clone());
        let methods = facts.methods.iter().map(|(_, method)| method);
        Self {
            api,
            resource,
            checked: imports(),
            run: imports(),
            lazy: Lazy::default(),
            parameters: methods
                .flat_map(|method| &method.parameters)
                .map(|parameter| parameter.name.as_str())
                .collect(),
        }
    }

    fn module(mut self) -> Result<String> {
        let facts = &self.resource.facts;
        self.run.target("annotations", "__future__:annotations");
        let mut classes = String::new();
        for form in Form::BOTH {
            classes += &self.class(form)?;
        }
        if facts.views {
            classes += &self.views();
        }
        let connections = self.connections()?;
        self.also();

        let checked = self.checked.text(4);
        if !checked.is_empty() || !connections.is_empty() {
            self.run.target("TYPE_CHECKING", "typing:TYPE_CHECKING");
        }
        let lazy = self.lazy.text(&self.run);
        let mut text = self.run.text(0);
        if !checked.is_empty() {
            let _ = write!(text, "\nif TYPE_CHECKING:\n{checked}");
        }
        let _ = write!(
            text,
            "\n__all__ = [\"{}\", \"{}\"]\n",
            facts.sync, facts.asynchronous
        );
        Ok(text + &lazy + &classes + &connections)
    }

    fn class(&mut self, form: Form) -> Result<String> {
        let facts = &self.resource.facts;
        let (name, parent, kind) = form.of(
            (&facts.sync, "SyncAPIResource", "blocking"),
            (&facts.asynchronous, "AsyncAPIResource", "awaitable"),
        );
        self.run.target(parent, &format!("_resource:{parent}"));
        let mut parents = parent.to_owned();
        let mixins = &self.api.overlay.python.mixins;
        if let Some(mixin) = mixins.get(&format!("{}:{name}", facts.module)) {
            let mixin = self
                .run
                .target(mixin.rsplit(':').next().unwrap_or(mixin), mixin);
            parents = format!("{mixin}, {parents}");
        }
        let mut text = format!(
            "\n\nclass {name}({parents}):\n    \"\"\"The {kind} form of `client.{}`.\"\"\"\n",
            facts.resource
        );
        for child in &self.resource.children {
            text += &self.child(form, child);
        }
        if facts.views {
            let property = self.cached_property();
            text.push('\n');
            for view in View::BOTH {
                let arguments = vec![format!("lambda self: {name}{}(self)", view.suffix())];
                let head = format!("{} = {property}(", view.property());
                text += &layout::call(4, &head, &arguments, ")");
                text.push('\n');
            }
        }
        for (method, signature) in &facts.methods {
            text += &self.method(form, method, signature)?;
        }
        Ok(text)
    }

    /// The class of a child is imported when the attribute is first touched.
    fn child(&self, form: Form, child: &Child) -> String {
        let class = form.of(&child.sync, &child.asynchronous);
        let module = relative(&self.resource.facts.module, &child.module);
        self.checked
            .target(class, &format!("{}:{class}", child.module));
        format!(
            "\n    @{property}\n    def {attribute}(self) -> {class}:\n        \"\"\"`client.{parent}.{attribute}`.\"\"\"\n{import}\n        return {class}(self._client)\n",
            import = layout::local_import(8, &module, class),
            property = self.cached_property(),
            attribute = child.attribute,
            parent = self.resource.facts.resource,
        )
    }

    pub(super) fn cached_property(&self) -> String {
        self.run
            .target("cached_property", "functools:cached_property")
    }

    /// Other public names of the module, which are ours.
    fn also(&self) {
        let facts = &self.resource.facts;
        for name in facts.also() {
            // The resolve phase has refused names without an entry.
            if let Some((_, target)) = self.api.also(&facts.module, name) {
                self.run.again(name, target);
            }
        }
    }

    /// A function of ours under a name that no parameter of the module has.
    pub(super) fn function(&self, name: &str, target: &str) -> String {
        if self.parameters.contains(name) {
            self.run.target(&format!("{name}_"), target)
        } else {
            self.run.target(name, target)
        }
    }

    /// The import statement of `target` in a function, indented by `indent`.
    pub(super) fn local_import(&self, indent: usize, target: &str) -> String {
        let (module, name) = target.split_once(':').unwrap_or((target, ""));
        let module = relative(&self.resource.facts.module, module);
        layout::local_import(indent, &module, name)
    }
}
