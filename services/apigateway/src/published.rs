//! The space of published records, which belongs to no account: a transaction enters it and comes back.
//!
//! Records are read before they are written or removed, so that a shorter one leaves nothing of a longer one behind.

use kernel::{Key, Record, Tx};
use plan::definition::{PUBLISHED_SERVICE, published_scope};

use crate::Cx;
use crate::error::Error;

/// One published record.
pub(crate) async fn get<R: Record>(cx: &Cx, tx: &mut Tx, key: &Key) -> Result<Option<R>, Error> {
    enter(tx);
    let found = tx.get(key).await;
    leave(cx, tx);
    Ok(found?)
}

/// Published records whose key begins with `prefix`, in key order, after the key `after`, at most `limit`.
pub(crate) async fn list<R: Record>(
    cx: &Cx,
    tx: &mut Tx,
    prefix: &Key,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<R>, Error> {
    enter(tx);
    let found = tx.list(prefix, after, limit).await;
    leave(cx, tx);
    Ok(found?)
}

/// Publishes a record, short or not yet there.
pub(crate) fn put<R: Record>(cx: &Cx, tx: &mut Tx, record: &R) -> Result<(), Error> {
    enter(tx);
    let written = tx.put(record);
    leave(cx, tx);
    Ok(written?)
}

/// Publishes a record that may be long and may be there already.
pub(crate) async fn replace<R: Record>(cx: &Cx, tx: &mut Tx, record: &R) -> Result<(), Error> {
    get::<R>(cx, tx, &record.key()).await?;
    put(cx, tx, record)
}

/// Takes a record back that is short or was read.
pub(crate) fn delete<R: Record>(cx: &Cx, tx: &mut Tx, key: &Key) {
    enter(tx);
    tx.delete::<R>(key);
    leave(cx, tx);
}

/// Takes a record back.
pub(crate) async fn retract<R: Record>(cx: &Cx, tx: &mut Tx, key: &Key) -> Result<(), Error> {
    get::<R>(cx, tx, key).await?;
    delete::<R>(cx, tx, key);
    Ok(())
}

fn enter(tx: &mut Tx) {
    tx.enter(published_scope().space(PUBLISHED_SERVICE));
}

fn leave(cx: &Cx, tx: &mut Tx) {
    tx.enter(cx.call.scope.space(cx.service_id));
}
