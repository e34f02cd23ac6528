// Rules for fetching a page before a link to it is followed; the policy knows them by their hash
// (SPECULATION_RULES). Browsers fetch nothing for who saves data.
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
