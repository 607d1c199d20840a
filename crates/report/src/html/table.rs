use std::io;

use maud::{Markup, PreEscaped, html};

use super::page::Page;

/// A table that becomes a list of labelled cells on a narrow screen.
pub(super) fn table(caption: &str, heads: &[&str], rows: &[Vec<Markup>]) -> Markup {
    html! { (opening(caption, heads)) @for cells in rows { (row(heads, cells)) } (closing()) }
}

/// Rows of a long table. A browser has to open the whole report at once.
pub(super) const MOST_ROWS: usize = 20_000;

/// The same for more items than should be in memory, or in a page, at once. `file` holds those that are left out.
pub(super) fn show_table<T>(
    page: &mut Page,
    caption: &str,
    heads: &[&str],
    mut items: impl Iterator<Item = T>,
    cells: impl Fn(&T) -> Vec<Markup>,
    file: &str,
) -> io::Result<()> {
    page.show(&opening(caption, heads))?;
    items.by_ref().take(MOST_ROWS).try_for_each(|item| page.show(&row(heads, &cells(&item))))?;
    page.show(&closing())?;
    match items.count() {
        0 => Ok(()),
        more => page.show(&html! { p { "And " (more) " more: " (file) " lists them all." } }),
    }
}

/// The roles repeat what the elements mean: the narrow form changes their `display`, which would take the meaning away.
fn opening(caption: &str, heads: &[&str]) -> Markup {
    html! {
        (PreEscaped("<table role=\"table\">"))
        caption { (caption) }
        thead role="rowgroup" {
            tr role="row" { @for head in heads { th scope="col" role="columnheader" { (head) } } }
        }
        (PreEscaped("<tbody role=\"rowgroup\">"))
    }
}

fn row(heads: &[&str], cells: &[Markup]) -> Markup {
    html! {
        tr role="row" {
            @for (head, cell) in heads.iter().zip(cells) { td role="cell" data-label=(head) { div { (cell) } } }
        }
    }
}

fn closing() -> Markup {
    PreEscaped("</tbody></table>".to_owned())
}
