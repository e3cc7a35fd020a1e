import Domain
import Operations

/// The OpenAPI 3.1 document, made from the table of endpoints.
package enum OpenAPI {
    package static let document: [UInt8] = json.bytes

    private static var json: JSON {
        var paths: [(path: String, members: [JSON.Member])] = []
        for endpoint in Endpoint.all {
            let member = JSON.Member(endpoint.method.lowercased(), operation(endpoint))
            if let at = paths.firstIndex(where: { $0.path == endpoint.path }) {
                paths[at].members.append(member)
            } else {
                paths.append((endpoint.path, [member]))
            }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Florin", "version": .text(Release.version),
                "description": "Order to cash: customers, orders, invoices, receipts, reports and runs of one legal entity.",
            ],
            "servers": .array([["url": "/"]]),
            "security": .array([["key": .array([])]]),
            "paths": .object(paths.map { .init($0.path, .object($0.members)) }),
            "webhooks": ["event": ["post": delivery]],
            "components": [
                "securitySchemes": [
                    "key": [
                        "type": "http", "scheme": "bearer",
                        "description":
                            "A key made by `florin key create`. One that is held to scopes does what they name and nothing else.",
                    ]
                ],
                "schemas": ["Problem": problem],
            ],
        ]
    }

    /// What an address is told that was registered.
    private static let delivery: JSON = [
        "operationId": "event", "summary": "Tells of one event; the next follows when it is answered 2xx within ten seconds",
        "security": .array([]),
        "parameters": .array(
            [
                ("Florin-Event", "The event's id"),
                ("Florin-Signature", "`t=SECONDS,v1=HEX`: HEX is HMAC-SHA256 over `SECONDS.BODY` with the secret of the address"),
            ].map { name, about in
                ["name": .text(name), "in": "header", "required": true, "description": .text(about), "schema": ["type": "string"]]
            }),
        "requestBody": ["required": true, "content": ["application/json": ["schema": Endpoint.feedEvent.json]]],
        "responses": ["2XX": ["description": "It was taken"]],
    ]

    /// RFC 9457.
    private static let problem: JSON = [
        "type": "object",
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "code": ["type": "string", "enum": .array(codes.map(JSON.text))],
            "detail": ["type": "string"],
            "param": ["type": "string"], "request_id": ["type": "string"],
        ],
        "required": .array(["type", "title", "status", "code", "detail"]),
    ]

    private static func operation(_ endpoint: Endpoint) -> JSON {
        var members: [JSON.Member] = [
            .init("tags", .array([.text(String(endpoint.scope.prefix { $0 != ":" }))])),
            .init("summary", .text(endpoint.summary)), .init("operationId", .text(name(endpoint))),
            .init(
                "description",
                .text(
                    """
                    Needs the right `\(endpoint.right.rawValue)`: \(roles(endpoint.right)). Scope: \
                    `\(endpoint.scope)`.\(atAMoment(endpoint))
                    """
                )),
            .init("security", .array([["key": .array([.text(endpoint.scope)])]])),
        ]
        let headers = endpoint.method == "POST" ? [idempotencyKey] : endpoint.method == "PUT" ? [ifMatch] : []
        let parameters = pathParameters(endpoint) + queryParameters(endpoint) + headers
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
        if let body = endpoint.body {
            let content: JSON =
                endpoint.takesFile
                ? .object(Endpoint.fileTypes.map { .init($0, ["schema": ["type": "string"]]) })
                : .object([.init("application/json", ["schema": body.json])] + (endpoint.bulk.map(lines) ?? []))
            members.append(.init("requestBody", ["required": true, "content": content]))
        }
        members.append(.init("responses", responses(endpoint)))
        return .object(members)
    }

    private static func lines(_ bulk: Bulk) -> [JSON.Member] {
        let limits = "At most \(Bulk.rowLimit) rows and 1 MiB, else 413."
        let about = [
            "A header row and one row a line. \(bulk.columns) \(limits)", "One object of `\(bulk.member)` a line. \(limits)",
        ]
        return zip(Bulk.types, about).map { .init($0, ["schema": ["type": "string", "description": .text($1)]]) }
    }

    private static func atAMoment(_ endpoint: Endpoint) -> String {
        endpoint.moment.map { " With `as_of` and `known_at`: \($0.what)." } ?? ""
    }

    package static func roles(_ right: Role.Right) -> String {
        Role.allCases.filter { $0.rights.contains(right) }.map(\.rawValue).joined(separator: ", ")
    }

    private static func name(_ endpoint: Endpoint) -> String {
        let words = endpoint.path.split(separator: "/").dropFirst().map { $0.filter { $0.isLetter || $0 == "-" } }
        return (endpoint.method.lowercased() + "-" + words.joined(separator: "-"))
    }

    private static func pathParameters(_ endpoint: Endpoint) -> [JSON] {
        endpoint.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            let name = String(part.dropFirst().dropLast())
            let schema: JSON =
                name == "id" && endpoint.idPrefix != nil
                ? ["type": "string", "pattern": .text(PrefixedID.pattern(endpoint.idPrefix ?? ""))]
                : [
                    "type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[^\\u0000-\\u001f\\u007f]+$",
                    "description": "As it stands, percent-encoded: a `/` in it is written as %2F",
                ]
            return ["name": .text(name), "in": "path", "required": true, "schema": schema]
        }
    }

    private static func queryParameters(_ endpoint: Endpoint) -> [JSON] {
        endpoint.query.map {
            ["name": .text($0.name), "in": "query", "required": false, "description": .text($0.about), "schema": $0.schema.json]
        }
    }

    private static let idempotencyKey: JSON = [
        "name": "Idempotency-Key", "in": "header", "required": true,
        "description": "Yours, new for each act: a repeat with the same key and body gets the first answer.",
        "schema": ["type": "string", "pattern": "^[A-Za-z0-9_-]{16,80}$"],
    ]

    private static let ifMatch: JSON = [
        "name": "If-Match", "in": "header", "required": true, "description": "The ETag of the version that was read.",
        "schema": ["type": "string", "pattern": "^\"[0-9a-f]{24}\"$"],
    ]

    private static func responses(_ endpoint: Endpoint) -> JSON {
        let refusal: JSON = ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]]
        func problem(_ text: String, _ header: String? = nil) -> JSON {
            .object(
                [.init("description", .text(text))] + (header.map { [.init("headers", headers([$0]))] } ?? [])
                    + [.init("content", refusal)])
        }
        var members: [JSON.Member] = [
            .init("200", done(endpoint)),
            .init("400", problem("The request is not of this shape: `param` names the place")),
            .init("401", problem("No key, or a wrong one", "WWW-Authenticate")),
            .init("403", problem("The key's role does not have the right, or the key is not held to the scope")),
            .init("404", problem("There is no such thing")),
            .init("405", problem("Another method is wanted: see Allow", "Allow")), .init("413", problem("The body is too large")),
            .init("429", problem("Too many requests: see Retry-After", "Retry-After")),
            .init("431", problem("The address or a header is too large")),
            .init("500", problem("A fault of ours: repeat it, an act with the same Idempotency-Key")),
            .init("503", problem("Too many requests at the same time, or the database does not answer: see Retry-After", "Retry-After")),
        ]
        if endpoint.method == "GET" {
            members += [
                .init("304", ["description": "Unchanged since that ETag", "headers": headers(["ETag"])]),
                .init("406", problem("No such media type")),
            ]
        }
        if endpoint.method != "GET" { members.append(.init("408", problem("The body came too slowly"))) }
        if endpoint.method == "PUT" {
            members += [
                .init("409", problem("The books refuse it: `code` says why")), .init("412", problem("Somebody changed it since")),
                .init("415", problem("The body is not JSON")), .init("428", problem("If-Match is missing")),
            ]
        }
        if endpoint.method == "POST" {
            if endpoint.second != nil { members.append(.init("202", waits)) }
            members += [
                .init("409", problem("The books refuse it: `code` says why; it still runs where Retry-After is there", "Retry-After")),
                .init("415", problem("The body is of no type that is taken")),
                .init("422", problem("A value cannot be meant, or the Idempotency-Key came with another body before")),
            ]
        } else {
            members.append(.init("422", problem("A value cannot be meant: `param` names it")))
        }
        return .object(members)
    }

    private static func done(_ endpoint: Endpoint) -> JSON {
        var content: [JSON.Member] = [.init("application/json", ["schema": endpoint.answer.json])]
        if endpoint.hasRows { content += ["text/csv", "application/x-ndjson"].map { .init($0, ["schema": ["type": "string"]]) } }
        let told = (endpoint.method == "POST" ? [] : ["ETag"]) + (endpoint.method == "GET" && endpoint.answer.rows != nil ? ["Link"] : [])
        var members: [JSON.Member] = [.init("description", "Done")]
        if !told.isEmpty { members.append(.init("headers", headers(told))) }
        members.append(.init("content", .object(content)))
        let links = links(endpoint)
        if !links.isEmpty { members.append(.init("links", .object(links))) }
        return .object(members)
    }

    /// What is answered where the body asks for a second person: it leads to what waits and to its decision.
    private static var waits: JSON {
        let targets = Endpoint.all.filter { $0.idPrefix == "apr" }.map { target -> JSON.Member in
            .init(name(target), ["operationId": .text(name(target)), "parameters": ["id": "$response.body#/id"]])
        }
        return [
            "description": "It takes two people and was asked for: it waits for the second, and nothing is done yet",
            "content": ["application/json": ["schema": SecondPerson.answer.json]], "links": .object(targets),
        ]
    }

    private static func headers(_ names: [String]) -> JSON {
        .object(names.map { .init($0, ["description": .text(headerWords[$0] ?? ""), "schema": ["type": "string"]]) })
    }
    private static let headerWords = [
        "ETag": "The version: send it back as If-None-Match, of what people edit as If-Match",
        "Link": "Where the next page of CSV and JSON lines begins, with `rel=\"next\"`", "Allow": "The methods that are there",
        "Retry-After": "Seconds to wait", "WWW-Authenticate": "`Bearer`",
    ]

    /// Where an answer leads: a list to the thing of its first row, what was made and a thing itself to everything beneath it.
    private static func links(_ endpoint: Endpoint) -> [JSON.Member] {
        Endpoint.all.compactMap { target in
            guard let open = target.path.firstIndex(of: "{"), let close = target.path.firstIndex(of: "}") else { return nil }
            let parameter = String(target.path[target.path.index(after: open)..<close]), thing = target.path[...close]
            let isThing = target.path == thing && target.method == "GET"
            let expression: String
            if endpoint.path == thing, endpoint.method == "GET", !isThing {
                expression = "$request.path.\(parameter)"
            } else if endpoint.path + "/" == target.path[..<open], isThing || endpoint.method == "POST",
                let place = place(of: parameter, in: endpoint.answer.json)
            {
                expression = "$response.body#\(place)"
            } else {
                return nil
            }
            let link: JSON = ["operationId": .text(name(target)), "parameters": .object([.init(parameter, .text(expression))])]
            return .init(name(target), link)
        }
    }

    /// Where an answer of that schema holds a value of that name, as a JSON pointer: by itself or in the first row of a list.
    private static func place(of name: String, in schema: JSON) -> String? {
        guard case .object(let properties) = schema["properties"] else { return nil }
        if properties.contains(where: { $0.name == name }) { return "/\(name)" }
        return properties.first { $0.value["items"]?["properties"]?[name] != nil }.map { "/\($0.name)/0/\(name)" }
    }
}
