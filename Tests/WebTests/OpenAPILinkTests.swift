import Testing
import Web

/// The links of the OpenAPI document: whoever has an answer finds what its ids open.
@Suite struct OpenAPILinkTests {
    private struct Operation {
        let id: String
        let path: String
        let json: JSON
        var parameters: [String] { path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) } }
        var answer: JSON? { json["responses"]?["200"] }
        var links: [JSON.Member] { if case .object(let links)? = answer?["links"] { links } else { [] } }
    }

    private static let operations: [Operation] = {
        guard case .object(let paths)? = (try? JSONReader.read(OpenAPI.document))?["paths"] else { return [] }
        return paths.flatMap { path -> [Operation] in
            guard case .object(let methods) = path.value else { return [] }
            return methods.compactMap { method in
                method.value["operationId"]?.text.map { Operation(id: $0, path: path.name, json: method.value) }
            }
        }
    }()

    @Test func everyIdLeadsSomewhereAndEveryThingIsReached() throws {
        let byID = Dictionary(grouping: Self.operations, by: \.id)
        var reached: Set<String> = []
        for operation in Self.operations {
            for link in operation.links {
                let target = try #require(byID[link.value["operationId"]?.text ?? ""]?.first, "\(operation.id): \(link.name)")
                guard case .object(let given)? = link.value["parameters"] else { throw Missing(what: "\(operation.id): parameters") }
                #expect(given.map(\.name) == target.parameters, "\(operation.id) → \(target.id)")
                for value in given {
                    let expression = value.value.text ?? ""
                    if expression.hasPrefix("$request.path.") {
                        #expect(operation.parameters.contains(String(expression.dropFirst(14))), "\(operation.id) → \(target.id)")
                    } else {
                        try stands(expression, in: operation)
                    }
                }
                reached.insert(target.id)
            }
        }
        let things = Self.operations.filter { !$0.parameters.isEmpty }.map(\.id)
        #expect(things.count > 50 && things.filter { !reached.contains($0) } == [])
    }

    private struct Missing: Error { let what: String }

    /// That the answer's schema has what `$response.body#/rows/0/id` names.
    private func stands(_ expression: String, in operation: Operation) throws {
        let prefix = "$response.body#/"
        #expect(expression.hasPrefix(prefix), "\(operation.id): \(expression)")
        var schema = try #require(operation.answer?["content"]?["application/json"]?["schema"])
        for part in expression.dropFirst(prefix.count).split(separator: "/") {
            schema = try #require(part == "0" ? schema["items"] : schema["properties"]?[String(part)], "\(operation.id): \(expression)")
        }
    }
}
