//! The few changes of `dist` to the text of index.html.
//!
//! The page refers to its parts by attributes whose values start with `www/` or `pkg/`. Only these addresses change.

use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256};

/// The content security policy of the page. It needs no inline style and no foreign host, and allows the
/// page's own inline scripts by their hashes; WebAssembly needs `wasm-unsafe-eval`, and a sandboxed embed
/// can only start a worker from a blob.
fn policy(html: &str) -> String {
    let scripts: String = inline_scripts(html)
        .iter()
        .map(|script| {
            format!(
                " 'sha256-{}'",
                BASE64_STANDARD.encode(Sha256::digest(script))
            )
        })
        .collect();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; worker-src 'self' blob:; \
         style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
         frame-src 'self'; \
         base-uri 'none'; form-action 'none'"
    )
}

/// The texts of the inline scripts of the page.
fn inline_scripts(html: &str) -> Vec<&str> {
    html.split("<script>")
        .skip(1)
        .filter_map(|rest| rest.split_once("</script>").map(|(script, _)| script))
        .collect()
}

/// Replaces the start of every attribute value that begins with one of the prefixes.
pub fn readdress(html: &str, prefixes: &[(&str, &str)]) -> String {
    let mut html = html.to_owned();
    for (from, to) in prefixes {
        for start in ["=\"", "=\"./"] {
            html = html.replace(&format!("{start}{from}"), &format!("=\"{to}"));
        }
    }
    html
}

/// Every attribute value that begins with the prefix, in order.
pub fn addresses<'a>(html: &'a str, prefix: &str) -> Vec<&'a str> {
    html.split("=\"")
        .skip(1)
        .filter_map(|rest| {
            rest.split_once('"')
                .map(|(value, _)| value.strip_prefix("./").unwrap_or(value))
        })
        .filter(|value| value.starts_with(prefix))
        .collect()
}

/// Removes the attributes whose value begins with the prefix.
pub fn without(html: &str, prefix: &str) -> String {
    let mut html = html.to_owned();
    while let Some(value) = html.find(&format!("=\"{prefix}")) {
        let name = html[..value].rfind(char::is_whitespace).unwrap_or(value);
        let start = html[..name].trim_end().len();
        let end = html[value + 2..]
            .find('"')
            .map_or(html.len(), |quote| value + 2 + quote + 1);
        html.replace_range(start..end, "");
    }
    html
}

/// Tells the browser of scripts that the page's first script imports, so that it asks for them at once.
pub fn with_early(html: &str, scripts: &[String]) -> String {
    let links: String = scripts
        .iter()
        .map(|script| format!("<link rel=\"modulepreload\" href=\"{script}\">\n"))
        .collect();
    html.replacen(
        "<script type=\"module\"",
        &format!("{links}<script type=\"module\""),
        1,
    )
}

/// Tells the page of the pictures that it shows before its engine is there, in `folder`; without JavaScript it shows one of them.
pub fn with_first(html: &str, folder: &str) -> String {
    const PLOT: &str = "id=\"plot\" tabindex=\"-1\">";
    let picture = format!("<img class=\"first\" src=\"{folder}/wide-light.webp\" alt=\"\">");
    let told = format!(
        "id=\"plot\" tabindex=\"-1\" data-first=\"{folder}/\">\n      <noscript>{picture}</noscript>"
    );
    html.replacen(PLOT, &told, 1)
}

/// Puts the policy into the head, right after the character set, because it applies only to what follows it.
pub fn with_policy(html: &str) -> String {
    if html.contains("Content-Security-Policy") {
        return html.to_owned();
    }
    let after = |tag: &str| {
        let start = html.find(tag)?;
        html[start..].find('>').map(|end| start + end + 1)
    };
    let at = after("<meta charset")
        .or_else(|| after("<head"))
        .unwrap_or(0);
    let policy = policy(html);
    let policy = format!("\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">");
    [&html[..at], &policy, &html[at..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html>
<html><head>
<meta charset="utf-8">
<link rel="stylesheet" href="www/style.css">
<script type="module" src="./www/main.js" data-worker="www/worker.js" data-cpu="pkg/cpu/scorefield.js"
  data-webgpu="pkg/webgpu/scorefield.js" data-webgpu-wasm="pkg/webgpu/scorefield_bg.wasm"></script>
</head><body>www/ is a folder</body></html>"#;

    #[test]
    fn readdresses_attributes_and_nothing_else() {
        let html = readdress(PAGE, &[("www/", "www-1/"), ("pkg/cpu/", "cpu-2/")]);
        assert!(html.contains(r#"href="www-1/style.css""#));
        assert!(html.contains(r#"src="www-1/main.js""#));
        assert!(html.contains(r#"data-cpu="cpu-2/scorefield.js""#));
        assert!(html.contains(r#"data-webgpu="pkg/webgpu/scorefield.js""#));
        assert!(html.contains("<body>www/ is a folder"));
    }

    #[test]
    fn finds_addresses() {
        assert_eq!(
            addresses(PAGE, "www/"),
            ["www/style.css", "www/main.js", "www/worker.js"]
        );
    }

    #[test]
    fn drops_attributes() {
        let html = without(PAGE, "pkg/webgpu/");
        assert!(!html.contains("webgpu"), "{html}");
        assert!(
            html.contains(r#"data-cpu="pkg/cpu/scorefield.js"></script>"#),
            "{html}"
        );
    }

    #[test]
    fn names_early_scripts_before_the_one_that_imports_them() {
        let html = with_early(
            PAGE,
            &["www-1/chunks/a.js".to_owned(), "www-1/b.js".to_owned()],
        );
        let place = |text: &str| html.find(text).unwrap();
        let (a, b) = (
            place(r#"<link rel="modulepreload" href="www-1/chunks/a.js">"#),
            place("www-1/b.js"),
        );
        assert!(a < b && b < place("<script type=\"module\""));
        assert_eq!(with_early(PAGE, &[]), PAGE);
    }

    #[test]
    fn the_plot_of_the_page_is_told_of_its_first_picture() {
        let page = include_str!("../../index.html");
        let html = with_first(page, "first-1");
        assert!(html.contains(r#"id="plot" tabindex="-1" data-first="first-1/""#));
        assert_eq!(html.matches("first-1/").count(), 2);
    }

    #[test]
    fn puts_the_policy_before_what_it_governs() {
        let html = with_policy(PAGE);
        let (policy, style) = (
            html.find("Content-Security").unwrap(),
            html.find("stylesheet").unwrap(),
        );
        assert!(html.find("charset").unwrap() < policy && policy < style);
        assert_eq!(with_policy(&html), html);
    }

    /// The hash of the text `alert(1)`, by `openssl dgst -sha256 -binary | openssl base64`.
    #[test]
    fn allows_the_inline_scripts_of_the_page_by_their_hashes_alone() {
        let html = with_policy(&PAGE.replace("</head>", "<script>alert(1)</script></head>"));
        let scripts = html.split("script-src ").nth(1).unwrap();
        assert_eq!(
            scripts.split(';').next().unwrap(),
            "'self' 'wasm-unsafe-eval' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
        );
        assert!(!with_policy(PAGE).contains("sha256"));
    }
}
