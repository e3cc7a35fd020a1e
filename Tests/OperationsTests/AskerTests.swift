import Domain
import Store
import TestSupport
import Testing

@testable import Operations

/// What is kept of who asks for a second person.
@Suite struct AskerTests {
    private let entity = ID<Entity>(1)

    private func role(in database: any Database) async throws -> [String] {
        try await database.read { [entity] in try ReadApprovals(entity).waiting(in: $0).map(\.askedRole) }
    }

    private func becomes(_ role: String, in database: any Database) async throws {
        try await database.write(entity: entity) { try $0.run("UPDATE person SET role = \(role) WHERE entity_id = 1") }
    }

    @Test(arguments: Engine.available) func theRoleIsThatOfTheAsking(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.sql(person)
        let zoe = Actor(id: 7, name: "Zoe", role: .administrator)
        try await shop.run { try AskApproval(shop.entity, zoe, act: "/orders/decide", fields: "order=1", why: "large").run(in: $0, at: $1) }
        try await becomes("viewer", in: shop.database)
        #expect(try await role(in: shop.database) == ["administrator"])
    }

    @Test(arguments: Engine.available) func aRequestOfAFormerReleaseHasTheRoleOfNow(engine: Engine) async throws {
        let database = try await engine.make(through: 34), person = person
        try await database.write(entity: entity) { tx in
            try tx.run(person)
            try tx.run(
                """
                INSERT INTO approval (entity_id, id, act, fields, why, asked_by, asked_name, asked_at, state)
                VALUES (1, 8, '/orders/decide', 'order=1', 'large', 7, 'Zoe', 5, 'waiting')
                """)
        }
        try await database.migrate()
        #expect(try await role(in: database) == ["administrator"])
        try await becomes("controller", in: database)
        #expect(try await role(in: database) == ["controller"])
    }

    private var person: SQL {
        """
        INSERT INTO person (entity_id, id, email, name, role, password, failures, locked_until, disabled)
        VALUES (1, 7, 'zoe@example.com', 'Zoe', 'administrator', '', 0, 0, 0)
        """
    }

    /// A key that was sealed when keys had no makers is as it was sealed.
    @Test func aColumnThatCameLaterChangesNoDigestBeforeItHoldsSomething() {
        func digests(_ columns: String, _ more: (inout RowBatch) -> Void) -> [[UInt8]] {
            var rows = RowBatch(Table("api_key", columns)), found: [[UInt8]] = []
            for value in [1, 7] as [Int64] { rows.append(value) }
            for text in ["digest", "shop", "clerk", ""] { rows.append(text) }
            for value in [5, 9] as [Int64] { rows.append(value) }
            more(&rows)
            RecordChecks.forEach(.apiKey, rows) { found.append($1) }
            return found
        }
        let before = "entity_id:i id:i token_digest:t name:t role:t scopes:t created_at:i revoked_at:i", now = before + " made_by:i"
        let sealed = digests(before) { _ in }
        #expect(sealed.count == 1 && digests(now) { $0.appendNull() } == sealed)
        #expect(digests(now) { $0.append(Int64(3)) } != sealed)
        #expect(MasterRecord.apiKey.table.columns.map(\.name) == now.split(separator: " ").map { String($0.dropLast(2)) })
    }
}
