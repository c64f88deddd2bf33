//! Files of API keys: a line of column names, then a line per key.
//!
//! AWS: API Gateway API key file format. Names of columns are in any case and order, unknown ones are ignored; `Name` and `Key` must be
//! there. Fields may be in double quotes, or in single ones where they hold commas. What is wrong with a line is a warning.

use crate::error::Error;

/// Most keys in one file.
const ROWS_MAX: usize = 10_000;

/// A line of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) description: String,
    pub(crate) is_enabled: bool,
    pub(crate) plan_ids: Vec<String>,
}

/// Reads the file; each line is a key or a warning.
pub(crate) fn parse(text: &str) -> Result<Vec<Result<Row, String>>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = records(text)?.into_iter();
    let header: Vec<String> =
        lines.next().unwrap_or_default().iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let column = |name: &str| header.iter().position(|one| one == name);
    let (Some(name), Some(value)) = (column("name"), column("key")) else {
        return Err(Error::KeyFile("the columns Name and Key are required"));
    };
    let [description, enabled, plans] = ["description", "enabled", "usageplanids"].map(column);
    let rows = lines.enumerate().map(|(index, fields)| {
        let field = |at: Option<usize>| at.and_then(|at| fields.get(at)).map_or("", |field| field.trim());
        if fields.len() > header.len() {
            return Err(format!("Line {}: more fields than columns", index + 2));
        }
        let is_enabled = match field(enabled).to_ascii_lowercase().as_str() {
            "" | "true" => true,
            "false" => false,
            _ => return Err(format!("Line {}: Enabled must be true or false", index + 2)),
        };
        let plan_ids = field(plans).split(',').map(str::trim).filter(|id| !id.is_empty());
        Ok(Row {
            name: field(Some(name)).to_owned(),
            value: field(Some(value)).to_owned(),
            description: field(description).to_owned(),
            is_enabled,
            plan_ids: plan_ids.map(str::to_owned).collect(),
        })
    });
    Ok(rows.collect())
}

/// The fields of all lines that are not empty.
fn records(text: &str) -> Result<Vec<Vec<String>>, Error> {
    let mut all = Vec::new();
    let mut fields = vec![String::new()];
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let field = fields.last_mut().expect("there is always a field being read");
        match (character, quote) {
            (one, Some(mark)) if one == mark => {
                // A mark written twice stands for itself.
                if characters.peek() == Some(&mark) {
                    field.push(mark);
                    characters.next();
                } else {
                    quote = None;
                }
            }
            (one, Some(_)) => field.push(one),
            ('"' | '\'', None) if field.trim().is_empty() => {
                field.clear();
                quote = Some(character);
            }
            (',', None) => fields.push(String::new()),
            ('\r', None) => {}
            ('\n', None) => finish(&mut all, &mut fields)?,
            (one, None) => field.push(one),
        }
    }
    if quote.is_some() {
        return Err(Error::KeyFile("a quoted field does not end"));
    }
    finish(&mut all, &mut fields)?;
    Ok(all)
}

fn finish(all: &mut Vec<Vec<String>>, fields: &mut Vec<String>) -> Result<(), Error> {
    let line = std::mem::replace(fields, vec![String::new()]);
    if line.iter().any(|field| !field.trim().is_empty()) {
        all.push(line);
    }
    if all.len() > ROWS_MAX + 1 { Err(Error::KeyFile("it has more than 10,000 keys")) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
