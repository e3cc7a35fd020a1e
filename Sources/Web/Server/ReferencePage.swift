import Operations

/// The API for people: every endpoint with who may use it, from the same table as the routes.
enum ReferencePage {
    static let html: HTML = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>API reference · Florin</title><meta name="color-scheme" content="light dark">
        <link rel="icon" href="\(Asset.icon.address)" type="image/svg+xml"><link rel="stylesheet" href="\(Asset.style.address)"></head>
        <body class="door wide"><main id="main"><h1>API reference</h1>
        <p>Keys, pages, refusals and repeats are explained in the integration guide; the machine-readable document is <a \
        href="/openapi.json">/openapi.json</a>.</p>
        <div class="scroll" tabindex="0" role="region" aria-label="Endpoints"><table><caption>Endpoints</caption><thead><tr>\
        <th scope="col">Endpoint</th><th scope="col">What it does</th><th scope="col">Roles</th><th scope="col">Scope</th></tr></thead>
        <tbody>\(Endpoint.all.map(row))</tbody></table></div></main></body></html>
        """

    private static func row(_ endpoint: Endpoint) -> HTML {
        """
        <tr><th scope="row"><code>\(endpoint.method) \(endpoint.path)</code></th><td>\(endpoint.summary)</td>\
        <td>\(OpenAPI.roles(endpoint.right))</td><td><code>\(endpoint.scope)</code></td></tr>

        """
    }
}
