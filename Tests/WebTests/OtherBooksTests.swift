import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Every page and form of the desk with the ids of things that exist, by an administrator of other books: they are not there.
@Suite struct OtherBooksTests {
    private static let kinds = [
        "/orders": "ord", "/receipts": "rcp", "/cash": "rcp", "/statements": "stm", "/slices": "slc", "/approvals": "apr",
        "/runs": "run",
    ]
    /// Forms that name a thing in a field instead of in their path.
    private static let naming: Set = [
        "/orders/decide", "/mail/decide", "/collections/codes", "/users/role", "/users/reset", "/users/keys/revoke", "/users/access",
        "/users/invitations/revoke", "/entities/choose",
    ]
    private static let words = ["C-OWN", "Owned Ltd", "SO-OWN", "R-OWN", "own@example.com"]

    /// What stands in the owner's books: ids by their prefix, an invoice's number, a link's digest.
    private struct Things {
        let ids: [String: Int64]
        let invoice, link: String
    }

    private func things(_ server: DeskServer) async throws -> Things {
        _ = try await server.key(.viewer)
        let things = try await server.things(), token = Secret.token("inv_", of: server.entity)
        let invite = Invite(server.entity, .viewer, token: token)
        try await server.write { try invite.run(in: $0, at: $1) }
        let ids = things.reduce(into: [String: Int64]()) { $0[$1.key] = PrefixedID.id($1.key, $1.value) }
        return Things(ids: ids, invoice: try #require(things["invoice"]), link: Secret.digest(token))
    }

    private func filled(_ path: String, _ own: Things) -> String {
        let kind = Self.kinds.first { path.hasPrefix($0.key + "/{") }?.value
        return path.replacing("{number}", with: path.hasPrefix("/invoices") ? own.invoice : "C-OWN")
            .replacing("{id}", with: kind.flatMap { own.ids[$0] }.map { "\($0)" } ?? "{id}").replacing("{run}", with: "cash")
    }

    /// Every field that a form reads, with the owner's things; one that does not read it leaves it.
    private func fields(_ act: DeskAct, _ own: Things) -> String {
        func id(_ kind: String) -> String { own.ids[kind].map { "\($0)" } ?? "" }
        let form = [
            ("order", id("ord")), ("message", id("msg")), ("event", act.path == "/mail/decide" ? "settled" : "cancelled"),
            ("person", id("usr")), ("key", id("key")), ("role", "viewer"), ("entity", "1"),
            ("slice", id("slc")), ("customer", "C-OWN"), ("customer_code", "K7"), ("code", "price"), ("document", own.invoice),
            ("reason", "mine"), ("decision", "approve"), ("amount", "1.00"), ("amount.\(own.invoice)", "1.00"), ("answer", "apply"),
            ("kind", act.path.hasSuffix("/identities") || act.path.hasSuffix("/revoke") ? "mandate" : "dispute"), ("value", "M-1"),
            ("invitation", own.link),
            ("habit", "rounds"), ("count", "2"), ("due_on", "2099-01-01"), ("name", "Nobody"), ("country", "GB"), ("currency", "GBP"),
            ("terms_days", "30"), ("billing", "order"), ("cash_policy", "reference"), ("read_name", "Owned Ltd"), ("read_country", "GB"),
            ("read_currency", "GBP"), ("read_terms_days", "30"), ("read_billing", "order"), ("read_cash_policy", "reference"),
        ]
        return form.map { "\($0.0)=\($0.1.replacing(" ", with: "+"))" }.joined(separator: "&")
    }

    @Test(arguments: Engine.available) func thingsOfOtherBooksAreNeitherShownNorChanged(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), other = DeskServer(server.database, ID(2))
        try await other.create()
        // An id holds its instant: at the same one both books would give the same.
        other.clock.advance(minutes: 1)
        let own = try await things(server)
        let ours = try await server.person(.administrator), theirs = try await other.person(.administrator, "stranger")
        for page in DeskPage.all where page.path.contains("{") {
            let path = filled(page.path, own)
            #expect(await ours.get(path).status == .ok, "\(path) is there")
            for query in ["", "?format=csv"] { #expect(await theirs.get(path + query).status == .notFound, "\(path)\(query)") }
        }
        let rows = try await server.rows(of: 1)
        let narrowed = "customer=C-OWN&receipt=\(own.ids["rcp"] ?? 0)&person=\(own.ids["usr"] ?? 0)&actor=own&q=Owned"
        for page in DeskPage.all where !page.path.contains("{") {
            for query in ["", "?format=csv", "?\(narrowed)", "?format=csv&\(narrowed)"] {
                let answer = await theirs.get(page.path + query)
                // A page says what it was asked for.
                let words = query.contains("customer") ? Array(Self.words.dropFirst()) : Self.words
                #expect(answer.status.code < 500 && !words.contains { answer.body.contains($0) }, "\(page.path)\(query)")
            }
        }
        for act in DeskAct.all {
            let path = filled(act.path, own)
            let answer = await theirs.post(path, fields(act, own))
            let isRefused = answer.status.code >= 400 || answer.header(.setCookie)?.hasPrefix("__Host-notice=%21") == true
            let namesOurs = act.path.contains("{") && act.path != "/runs/{run}" || Self.naming.contains(act.path)
            #expect(isRefused || !namesOurs, "\(path)")
            #expect(answer.status.code < 500 && !path.contains("{"), "\(path)")
            #expect(!["Owned Ltd", "SO-OWN", "R-OWN", "own@example.com"].contains { answer.body.contains($0) }, "\(path)")
        }
        #expect(await theirs.get("/").status == .ok, "nothing signed them out")
        let after = try await server.rows(of: 1)
        #expect(rows.values.joined().count > 40 && Set(rows.keys) == Set(after.keys))
        for (table, lines) in rows { #expect(after[table] == lines, "\(table)") }
    }
}

extension DeskServer {
    /// Every row of a legal entity as text, by table.
    fileprivate func rows(of entity: Int64) async throws -> [String: [String]] {
        let tables: SQL =
            database is PostgresDatabase
            ? """
            SELECT c.relname, 'CAST(t AS TEXT)' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname <> 'schema_version'
            """
            : """
            SELECT m.name, group_concat('quote(' || c.name || ')', ' || '','' || ') FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name <> 'schema_version' AND substr(m.name, 1, 7) <> 'sqlite_' GROUP BY m.name
            """
        return try await database.read { tx in
            var rows: [String: [String]] = [:]
            for (table, row) in try tx.rows(tables, { (table: $0.text(0), row: $0.text(1)) }) {
                let query = SQL(text: "SELECT \(row) FROM \(table) t WHERE entity_id = \(entity) ORDER BY 1", values: [])
                rows[table] = try tx.rows(query) { $0.text(0) }
            }
            return rows
        }
    }
}
