import Domain
import Foundation
import Testing

@testable import Web

/// The codes of problems that the OpenAPI document lists against those that the sources say.
@Suite struct ProblemCodeTests {
    /// Of the desk, its door and the commands alone.
    private static let elsewhere: Set = [
        "code_missing", "code_wrong", "control_character", "customer_known", "email_invalid", "email_taken",
        "entity_exists", "form_sent_before", "form_too_old", "invitation_not_found", "invitation_used", "job_lease_lost", "name_invalid",
        "name_reserved", "name_taken", "no_entity",
        "password_weak", "proof_wrong", "scope_unknown", "second_factor_stands", "session_ended", "sign_in_locked", "sign_in_wrong",
        "too_many_sign_ins",
    ]

    @Test func everyCodeIsListed() throws {
        var said: Set<String> = []
        for source in try sources() {
            for block in source.matches(of: /var code: String \{/) {
                said.formUnion(words(in: body(from: block.range.upperBound, of: source)))
            }
            for problem in source.matches(of: /problem\(\s*\.\w+,\s*"([a-z_]+)"/) { said.insert(String(problem.1)) }
        }
        #expect(said.count > 80, "the sources were read")
        #expect(Set(OpenAPI.codes).isDisjoint(with: Self.elsewhere))
        #expect(said.subtracting(OpenAPI.codes).subtracting(Self.elsewhere) == [], "no list has them")
        #expect(Set(OpenAPI.codes).union(Self.elsewhere).subtracting(said) == [], "nobody says them")
        #expect(OpenAPI.codes == OpenAPI.codes.sorted())
        let document = try JSONReader.read(OpenAPI.document)
        let code = document["components"]?["schemas"]?["Problem"]?["properties"]?["code"]
        #expect(code?["enum"]?.array?.compactMap(\.text) == OpenAPI.codes)
    }

    private func sources() throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let files = FileManager.default.enumerator(at: root.appending(path: "Sources"), includingPropertiesForKeys: nil)
        return try (files?.allObjects ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map {
            try String(contentsOf: $0, encoding: .utf8)
        }
    }

    /// What stands in the braces that are open there.
    private func body(from start: String.Index, of source: String) -> Substring {
        var depth = 1, end = start
        while depth > 0, end < source.endIndex {
            if source[end] == "{" { depth += 1 }
            if source[end] == "}" { depth -= 1 }
            end = source.index(after: end)
        }
        return source[start..<end]
    }

    private func words(in text: Substring) -> [String] { text.matches(of: /"([a-z_]+)"/).map { String($0.1) } }
}
