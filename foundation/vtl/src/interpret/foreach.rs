//! `#foreach`, and `$foreach` within it.
//!
//! As in Java, a collection that grows or shrinks while a loop walks over it ends the template, unless the loop was at its end.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use super::{Flow, Interpreter, Rendered, fail};
use crate::ast::{At, Block, Expr};
use crate::methods;
use crate::value::{Object, Value};

/// `$foreach`.
pub(super) struct Scope {
    index: Cell<usize>,
    count: usize,
    parent: Value,
    topmost: Value,
}

impl Object for Scope {
    fn property(&self, name: &str) -> Value {
        let index = self.index.get();
        match name {
            "index" => Value::from(index),
            "count" => Value::from(index + 1),
            "hasNext" => Value::from(index + 1 < self.count),
            "first" => Value::from(index == 0),
            "last" => Value::from(index + 1 == self.count),
            "parent" => self.parent.clone(),
            "topmost" => self.topmost.clone(),
            _ => Value::Null,
        }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Option<Value>, String> {
        let property = match (name, arguments) {
            ("getIndex", []) => "index",
            ("getCount", []) => "count",
            ("hasNext" | "getHasNext", []) => "hasNext",
            ("isFirst", []) => "first",
            ("isLast", []) => "last",
            ("getParent", []) => "parent",
            ("getTopmost", []) => "topmost",
            _ => return Ok(None),
        };
        Ok(Some(self.property(property)))
    }
}

impl Interpreter<'_> {
    /// The depth of the loop that a `$foreach` belongs to.
    pub(super) fn loop_of(&self, scope: &Value) -> Option<usize> {
        let Value::Object(object) = scope else { return None };
        self.loops
            .iter()
            .position(|running| Rc::as_ptr(running).cast::<()>() == Rc::as_ptr(object).cast::<()>())
    }

    pub(super) fn foreach(
        &mut self,
        variable: &Arc<str>,
        list: &Expr,
        body: &Block,
        at: At,
        out: &mut String,
    ) -> Rendered {
        let list = self.value(list)?;
        let Some(items) = methods::iterate(&list).map_err(|m| fail(at, m))? else { return Ok(Flow::Next) };
        self.budget.charge(items.len() * 16).map_err(|m| fail(at, m))?;
        let count = items.len();
        let names: [Arc<str>; 4] =
            [variable.clone(), "foreach".into(), "velocityCount".into(), "velocityHasNext".into()];
        let mut saved: Vec<(Arc<str>, Value)> = Vec::with_capacity(names.len());
        for name in names {
            let value = self.get(&name)?;
            saved.push((name, value));
        }
        let parent = saved[1].1.clone();
        let topmost =
            if let Value::Object(parent) = &parent { parent.property("topmost") } else { Value::Null };
        let topmost = if topmost.is_null() { parent.clone() } else { topmost };
        let scope = Rc::new(Scope { index: Cell::new(0), count, parent, topmost });
        let depth = self.loops.len();
        self.loops.push(scope.clone());
        if count > 0 {
            self.put("foreach", Value::Object(scope.clone()));
        }
        let before = methods::changes(&list);
        let mut ended = count <= self.limits.foreach_iterations;
        let mut flow = Flow::Next;
        for (index, item) in items.into_iter().take(self.limits.foreach_iterations).enumerate() {
            let now = methods::changes(&list);
            if now.map(|(changes, _)| changes) != before.map(|(changes, _)| changes) {
                // A list that shrank to where the loop is ends it; anything else Java refuses.
                if matches!(list, Value::List(_)) && now.is_some_and(|(_, size)| size == index) {
                    ended = false;
                    break;
                }
                return Err(fail(at, "java.util.ConcurrentModificationException"));
            }
            scope.index.set(index);
            self.put("velocityCount", Value::from(index + 1));
            self.put("velocityHasNext", Value::from(index + 1 < count));
            self.put(variable, item);
            match self.block(body, out)? {
                Flow::Next => continue,
                Flow::Break(wanted) if wanted.is_some_and(|wanted| wanted != depth) => {
                    flow = Flow::Break(wanted)
                }
                Flow::Break(_) => {}
                Flow::Stop => flow = Flow::Stop,
            }
            ended = false;
            break;
        }
        self.loops.truncate(depth);
        for (name, value) in saved {
            self.put(&name, value);
        }
        // Java looks at a list once more after its last element.
        if let (true, Value::List(_), Some(now), Some(before)) =
            (ended, &list, methods::changes(&list), before)
            && now.0 != before.0
            && now.1 != count
        {
            return Err(fail(at, "java.util.ConcurrentModificationException"));
        }
        Ok(flow)
    }
}
