import Domain
import Operations
import Store
import TestSupport
import Testing

@testable import Web

/// What is refused of a webhook before anything is sent, and what people are told of one that rests.
@Suite struct WebhookRefusalTests {
    private let entity = ID<Entity>(1), now = Instant("2026-03-10T09:00:00Z")!

    private func register(_ server: LiveServer, _ url: String) async throws -> LiveServer.Reply {
        try await server.send("POST", "/v1/webhooks", ["url": .text(url)])
    }

    @Test func anAddressInDigitsIsNoHost() async throws {
        try await LiveServer.run(.sqlite) { server in
            for host in [
                "127.0.0.1", "169.254.169.254", "10.0.0.1", "127.1", "0x7f.1", "0177.0.0.1", "0x7f.0x0.0x0.0x1", "2130706433", "0x7f000001",
                "[::1]", "[fe80::1]", "[::ffff:127.0.0.1]", "localhost", "127.0.0.1:8443", "shop.example.1", "1.0XFF",
            ] {
                let answer = try await register(server, "https://\(host)/florin")
                #expect(answer.status == 400 && answer.json["param"] == "url", "\(host): \(answer.body)")
            }
            for host in ["shop.example.com", "1.example.com", "127.1.example.com:8443", "shop.xn--p1ai"] {
                #expect(try await register(server, "https://\(host)/florin").status == 200, "\(host)")
            }
        }
    }

    /// The other side's key is told to whoever gave it, and kept to send.
    @Test(arguments: Engine.available) func theQueryOfAnAddressIsAnsweredOnce(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            let url = "https://x.azurewebsites.net/api/f?code=k1"
            let made = try await register(server, url), id = try #require(made.json["id"]?.text)
            #expect(made.json["url"]?.text == url)
            let one = try await server.send("GET", "/v1/webhooks/\(id)")
            #expect(one.json["url"] == "https://x.azurewebsites.net/api/f?…")
            let removed = try await server.send("POST", "/v1/webhooks/\(id)/remove", .object([]))
            #expect(removed.status == 200 && !removed.body.contains("k1"))
            let log = try await server.database.read { try AuditLog(ID(1)).page(in: $0).rows }
            #expect(log.contains { $0.act == "POST /v1/webhooks" } && log.contains { $0.act == "POST /v1/webhooks/{id}/remove" })
            for row in log { #expect(!row.detail.contains("k1"), "\(row.act): \(row.detail)") }
            let kept = try await server.database.read { try $0.first("SELECT url FROM webhook WHERE entity_id = 1") { $0.text(0) } }
            #expect(kept == url)
        }
    }

    @Test(arguments: [
        ("http://shop.example.com/", "begin with https://"), ("https://ann:pw@shop.example.com/", "leave out user and password"),
        ("https://shop.example.com/#top", "leave out #"), ("https://localhost/", "write a name"), ("https://[::1]/", "write a name"),
        ("https://shop.example.com:65536/", "write a port"), ("https://shop.example.com/a b", "%20"),
        ("https://shop.example.com/" + String(repeating: "a", count: 1_000), "at most 1000"),
    ]) func saysWhatIsWrongWithAnAddress(url: String, message: String) throws {
        let fault = try #require(Schema.url.fault(.text(url)))
        #expect(fault.message.contains(message), "\(fault.message)")
    }

    @Test(arguments: Engine.available) func aReplayBeyondTheFeedIsRefused(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            let hook = try await register(server, "https://shop.example.com/florin").json
            let id = try #require(hook["id"]?.text), cursor = try #require(hook["cursor"]?.integer)
            func replay(_ since: Int64) async throws -> LiveServer.Reply {
                try await server.send("POST", "/v1/webhooks/\(id)/replay", ["since": .integer(since)])
            }
            for since in [cursor + 1_000_000_000, 1 << 53] {
                let refused = try await replay(since)
                #expect(refused.status == 409 && refused.json["code"] == "since_beyond_feed", "\(refused.body)")
            }
            #expect(try await server.send("GET", "/v1/webhooks/\(id)").json["cursor"]?.integer == cursor)
            #expect(try await replay(cursor).status == 200)
            #expect(try await replay(0).json["cursor"]?.integer == 0)
            #expect(try await server.send("POST", "/v1/webhooks/\(id)/remove", .object([])).json["state"] == "removed")
            let removed = try await replay(0)
            #expect(removed.status == 409 && removed.json["code"] == "webhook_removed", "\(removed.body)")
            #expect(try await server.send("POST", "/v1/webhooks/\(id)/remove", .object([])).status == 200)
        }
    }

    @Test(arguments: Engine.available) func oneThatRestsIsToldOnToday(engine: Engine) async throws {
        let database = try await engine.make(), entity = entity, now = now
        let id = try await database.write(entity: entity) { tx in
            try CreateEntity(entity, name: "Example Ltd", country: "GB", currency: .gbp).run(in: tx, at: now)
            return try RegisterWebhook(entity, url: "https://shop.example.com/<b>?code=k1", secret: "whs_1").run(in: tx, at: now)
        }
        func page() async throws -> String {
            let today = try await database.read { try ReadToday(entity, on: Day("2026-03-10")!).run(in: $0) }
            let reader = DeskReader(
                entityName: "Example Ltd", userName: "Ann", person: 1, role: "viewer", csrf: "", today: Day("2026-03-10")!, notice: nil)
            return TodayPage(today: today, reader: reader).body.content.text
        }
        for _ in 0..<LeaseWebhook.attemptLimit {
            #expect(try await !page().contains("Webhook rests"))
            try await database.write(entity: entity) { tx in
                let target = try ReadWebhooks(entity).one(id, in: tx)
                guard let target else { return }
                try ConcludeWebhook(entity, target, error: "shop.example.com answered 500").run(in: tx, at: now)
            }
        }
        let text = try await page()
        #expect(text.contains("Webhook rests") && text.contains("shop.example.com answered 500"))
        #expect(text.contains(PrefixedID.text("whk", id.value)) && text.contains("com/&lt;b&gt;?…") && !text.contains("code=k1"))
        _ = try await database.write(entity: entity) { try ChangeWebhook(entity, id, .replay(after: 0)).run(in: $0, at: now) }
        #expect(try await !page().contains("Webhook rests"))
    }
}
