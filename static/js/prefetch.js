// Lets the browser fetch a page before a link to it is followed (HTML Standard, 7.6, *Speculative loading*): pages of
// this site alone, no file, no search or filter, which are counted (pages/limits.py). Nothing of it is drawn or run.
// Who saves data fetches nothing: browsers see to that themselves, and are not asked.
// The Content-Security-Policy knows the rules by the hash of their text (SPECULATION_RULES).
if (HTMLScriptElement.supports?.("speculationrules")) {
  const rules = document.createElement("script");
  rules.type = "speculationrules";
  rules.textContent = `{
  "prefetch": [
    {
      "where": {
        "and": [
          { "href_matches": "/*", "relative_to": "document" },
          { "not": { "href_matches": "/*\\\\?(.+)", "relative_to": "document" } },
          { "not": { "href_matches": ["/documentos/*", "/media/*", "/static/*", "/api/*", "/*_util/*", "/*/rss/", "/*/atom/", "/*/json/"], "relative_to": "document" } },
          { "not": { "selector_matches": "[download], [type], [target], [rel~='nofollow'], [rel~='external']" } }
        ]
      },
      "eagerness": "moderate"
    }
  ]
}`;
  document.head.append(rules);
}
