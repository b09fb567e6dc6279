//! Bytes drawn by chance: keys, salts and seeds.

/// The system has none to give.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("this machine has no random numbers to give: {0}")]
#[diagnostic(code(clearpost::chance::none), help("try again on another machine"))]
pub(super) struct NoChance(String);

/// Bytes that nobody can foresee.
pub(super) fn chance<const N: usize>() -> Result<[u8; N], NoChance> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| NoChance(error.to_string()))?;
    Ok(bytes)
}
