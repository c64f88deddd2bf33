//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetModelTemplate.html>
//! Writes a sample mapping template that has the shape of a model.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetModelTemplateRequest, Template};
use crate::model::{self, schema, template};
use crate::tables::{self, ModelRecord};

pub(crate) async fn get_model_template(cx: &Cx, req: GetModelTemplateRequest) -> Result<Template, Error> {
    let mut tx = cx.begin();
    let found = tables::part::<ModelRecord>(&mut tx, &req.rest_api_id, &req.model_name).await?;
    let record = found.ok_or(Error::NoModel(req.model_name))?;
    if !model::is_json(&record.model.content_type) {
        return Err(Error::TemplateContent(record.model.content_type));
    }
    let all = tables::parts::<ModelRecord>(&tx, &record.api_id).await?;
    let of = |name: &str| {
        let other = all.iter().find(|other| other.model.name == name)?;
        schema::parse(other.model.schema.as_deref()?).ok()
    };
    let schema = schema::parse(record.model.schema.as_deref().unwrap_or("{}"))?;
    Ok(Template { value: Some(template::sample(&schema, &of)) })
}
