//! The ways that lead through the schema from a root field to the objects behind it.

use serde_json::Value;

use super::{
    documents,
    schema::{Field, Input, Schema},
};

/// How many objects deep a path goes. Connections and edges are only the way to their nodes.
pub const DEPTH: usize = 4;

/// A way from the query root: fields from the outside in, each inside what the one before returns.
#[derive(Clone)]
pub struct Path<'s>(pub Vec<&'s Field>);

impl<'s> Path<'s> {
    pub fn last(&self) -> &'s Field {
        self.0[self.0.len() - 1]
    }

    pub fn name(&self) -> String {
        self.0.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(".")
    }

    /// A document that goes this way with arguments at the root and at the end, and selects the leaves there.
    pub fn document(
        &self,
        schema: &Schema,
        at_root: &Value,
        at_end: &Value,
        selection: Option<&str>,
    ) -> (String, Value) {
        let leaves = match selection {
            Some(selection) => selection.to_owned(),
            None => documents::selection(schema, schema.get(&self.last().ty.name), 1),
        };
        if self.0.len() == 1 {
            let mut arguments = at_root.clone();
            merge(&mut arguments, at_end);
            return documents::call_with("Query", self.0[0], &arguments, &leaves);
        }
        // Arguments inside are written with variables of their own names.
        let (declared, inner) = documents::inner(self.last(), at_end, &leaves);
        let mut selection = inner;
        for field in self.0[1..self.0.len() - 1].iter().rev() {
            selection = format!("{{ {} {selection} }}", field.name);
        }
        let (mut document, mut variables) = documents::call_with("Query", self.0[0], at_root, &selection);
        if !declared.is_empty() {
            let place = document.find(['(', '{']).unwrap();
            let declared = declared.join(", ");
            if document.as_bytes()[place] == b'(' {
                document.insert_str(place + 1, &format!("{declared}, "));
            } else {
                document.insert_str(place, &format!("({declared}) "));
            }
            for (name, value) in at_end.as_object().unwrap() {
                variables[format!("in_{name}")] = value.clone();
            }
        }
        (document, variables)
    }
}

fn merge(into: &mut Value, from: &Value) {
    for (name, value) in from.as_object().into_iter().flatten() {
        if into[name].is_object() && value.is_object() {
            merge(&mut into[name], value);
        } else {
            into[name] = value.clone();
        }
    }
}

/// Every path of at most [`DEPTH`] objects. Within a path no type comes twice, except that one may lead back to the
/// type that it began with: what is behind it is what is behind the root's.
pub fn all(schema: &Schema) -> Vec<Path<'_>> {
    let mut found = Vec::new();
    for field in schema.root("Query") {
        follow(schema, &Path(vec![field]), &mut Vec::new(), &mut found);
    }
    found
}

fn follow<'s>(schema: &'s Schema, path: &Path<'s>, seen: &mut Vec<&'s str>, found: &mut Vec<Path<'s>>) {
    let ty = schema.get(&path.last().ty.name);
    if schema.is_leaf(&ty.name) || seen.contains(&ty.name.as_str()) {
        return;
    }
    let is_way = ty.name.ends_with("Connection") || ty.name.ends_with("Edge");
    found.push(path.clone());
    if !is_way && seen.len() + 1 >= DEPTH {
        return;
    }
    if !is_way {
        seen.push(&ty.name);
    }
    for field in &ty.fields {
        if field.args.iter().any(Input::asked_for) || field.name == "edges" || field.name == "pageInfo" {
            continue;
        }
        let mut path = path.clone();
        path.0.push(field);
        follow(schema, &path, seen, found);
    }
    if !is_way {
        seen.pop();
    }
}
