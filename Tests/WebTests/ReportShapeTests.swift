import Domain
import Operations
import Store
import TestSupport
import Testing

@testable import Web

/// Reports as programs read them: rows by stable names, values with their type.
@Suite struct ReportShapeTests {
    private static let on = "as_of=2026-03-10"

    private func filled(_ server: LiveServer) async throws {
        let items = [
            OpeningItem(
                number: "OLD-1", customerNumber: "C1", issuedOn: Day("2026-01-05")!, dueOn: Day("2026-02-04")!,
                open: Money(minor: 123_45, .eur)),
            OpeningItem(
                number: "OLD-2", customerNumber: "C1", issuedOn: Day("2026-03-01")!, dueOn: Day("2026-03-31")!,
                open: Money(minor: 5000, Currency("JPY")!)
            ),
        ]
        try await server.database.write(entity: server.entity) { tx in
            _ = try ImportOpenItems(server.entity, items).run(in: tx, at: Instant("2026-03-10T10:00:00Z")!)
        }
    }

    @Test(arguments: Engine.available) func aRowIsAnObjectOfTypedValues(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            try await filled(server)
            let aging = try await server.send("GET", "/v1/reports/aging?\(Self.on)").json
            let columns = aging["columns"]?.array ?? [], names = columns.compactMap { $0["name"]?.text }
            #expect(
                names == [
                    "customer", "name", "currency", "not_due", "days_1_30", "days_31_60", "days_61_90", "over_90", "credits", "total",
                    "disputed", "promised",
                ])
            #expect(columns[4] == ["name": "days_1_30", "label": "1–30", "kind": "money"])
            let euros = try #require(aging["rows"]?.array?.first { $0["currency"] == "EUR" })
            #expect(euros["days_31_60"] == JSON(Money(minor: 123_45, .eur)) && euros["customer"] == "C1")
            let yen = try #require(aging["totals"]?.array?.first { $0["currency"] == "JPY" })
            #expect(yen["label"] == "total" && yen["customer"] == .null && yen["total"] == ["minor": 5000, "currency": "JPY"])
            let items = try await server.send("GET", "/v1/reports/open-items?\(Self.on)").json["rows"]?.array ?? []
            #expect(items.first?["days_overdue"] == 34 && items.first?["due"] == "2026-02-04" && items.first?["disputed"] == .null)
        }
    }

    @Test(arguments: Engine.available) func anAgingHasTheBucketsThatAreAskedFor(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            try await filled(server)
            let schema = try #require(Endpoint.all.first { $0.path == "/v1/reports/aging" }).answer
            for (bounds, names) in [
                ("0", ["not_due", "over_0"]), ("0,33,34", ["not_due", "days_1_33", "days_34", "over_34"]),
                ("0,30,60,90", ["not_due", "days_1_30", "days_31_60", "days_61_90", "over_90"]),
            ] {
                let aging = try await server.send("GET", "/v1/reports/aging?\(Self.on)&buckets=\(bounds)").json
                let told = (aging["columns"]?.array ?? []).compactMap { $0["name"]?.text }
                #expect(told == ["customer", "name", "currency"] + names + ["credits", "total", "disputed", "promised"])
                let fault = schema.fault(aging)
                #expect(fault == nil, "\(bounds): \(fault?.path ?? "") \(fault?.message ?? "")")
            }
            let euros = try await server.send("GET", "/v1/reports/aging?\(Self.on)&buckets=0,33,34").json["rows"]?.array ?? []
            #expect(euros.first { $0["currency"] == "EUR" }?["days_34"] == JSON(Money(minor: 123_45, .eur)))
            for bounds in ["30,60", "0,x", "0,", "0,10000", "0,030", "", "1"] {
                let refused = try await server.send("GET", "/v1/reports/aging?buckets=\(bounds)")
                #expect(refused.status == 400 && refused.json["param"] == "buckets", "\(bounds)")
            }
            let unsorted = try await server.send("GET", "/v1/reports/aging?buckets=0,60,30")
            #expect(unsorted.status == 422 && unsorted.json["code"] == "buckets_unsorted" && unsorted.json["param"] == "buckets")
        }
    }

    @Test func nothingButABucketIsAColumnBesides() throws {
        let schema = try #require(Endpoint.all.first { $0.path == "/v1/reports/aging" }).answer
        guard case .object(let fields) = schema, case .array(let row, _, _)? = fields.first(where: { $0.name == "rows" })?.schema else {
            Issue.record("an answer with rows")
            return
        }
        let members: [JSON.Member] = ["customer", "name", "currency", "not_due", "credits", "total", "disputed", "promised"].map {
            .init($0, .null)
        }
        func fault(_ others: JSON.Member...) -> String? { row.fault(.object(members + others))?.path }
        #expect(fault(.init("days_1_30", .null), .init("over_30", ["minor": 1, "currency": "EUR"])) == nil)
        #expect(fault(.init("days_1_30", 5)) == "days_1_30" && fault(.init("owed", .null)) == "owed")
        #expect(row.json["patternProperties"]?["^(days_|over_)[0-9_]+$"] != nil && row.json["additionalProperties"] == JSON.bool(false))
    }

    @Test func aFigureThatIsMissingIsNullWithItsReason() async throws {
        try await LiveServer.run(.sqlite) { server in
            try await filled(server)
            let rows = try await server.send("GET", "/v1/reports/key-figures?as_of=2026-09-30").json["rows"]?.array ?? []
            let euros = rows.filter { $0["currency"] == "EUR" }
            let dso = try #require(euros.first { $0["figure"]?.text == Figure.dso.name })
            #expect(dso["value"] == .null && dso["unit"] == "days" && dso["reason"]?.text?.isEmpty == false, "\(dso.line)")
            #expect(euros.first?["value"] == JSON(Money(minor: 123_45, .eur)))
            let days = try await server.send("GET", "/v1/reports/key-figures?\(Self.on)").json["rows"]?.array ?? []
            let year = try await server.send("GET", "/v1/reports/key-figures?\(Self.on)&days=365").json["title"]?.text
            #expect(year?.hasPrefix("Key figures of the 365 days to ") == true)
            #expect(try await server.send("GET", "/v1/reports/key-figures?days=0").status == 400)
            #expect(days.contains { $0["value"]?.text.flatMap { DecimalNumber($0) }?.scale == 2 && $0["unit"] == "days" })
        }
    }

    @Test func rowsAreHadAsLinesAndAsCSV() async throws {
        try await LiveServer.run(.sqlite) { server in
            try await filled(server)
            for path in ["/v1/reports/open-items?\(Self.on)", "/v1/customers/C1/statement?\(Self.on)"] {
                let rows = try await server.send("GET", path).json["rows"]?.array ?? []
                let lines = try await server.send("GET", path, headers: ["Accept": "application/x-ndjson"])
                #expect(rows.count == 2 && lines.body.split(separator: "\n").map(String.init) == rows.map(\.line))
                let csv = try await server.send("GET", path, headers: ["Accept": "text/csv"])
                #expect(csv.headers["content-type"] == "text/csv; charset=utf-8" && csv.body.split(separator: "\r\n").count == 3)
                #expect(csv.body.contains(",EUR,123.45") && csv.body.contains(",JPY,5000"), "\(csv.body)")
                #expect(csv.headers["etag"] != lines.headers["etag"])
            }
            let statement = try await server.send("GET", "/v1/customers/C1/statement?\(Self.on)").json
            #expect(statement["totals"]?.array?.first?["label"] == "balance" && statement["totals"]?.array?.first?["date"] == .null)
        }
    }

    @Test func everyColumnHasANameOfItsOwn() {
        let tables = [
            AgingReport.columns(), AgingReport.columns(AgingBuckets([0, 1, 15, 120])!), OpenItemsReport.columns, TrialBalanceReport.columns,
            AccountStatementReport.columns, KeyFiguresReport.columns, CashRules.columns,
        ]
        for columns in tables {
            let names = columns.map(\.name)
            #expect(Set(names).count == names.count)
            #expect(names.joined().utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }, "\(names)")
        }
    }
}
