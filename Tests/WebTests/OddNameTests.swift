import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Customers whose names are long, of several lines or of other letters than ASCII: each stands in its list once, and is found.
@Suite struct OddNameTests {
    private func customers(_ names: [String], _ engine: Engine) async throws -> (server: DeskServer, program: Program) {
        let server = try await DeskServer.open(engine)
        let profiles = names.enumerated().map { CustomerProfile(number: "C\($0)", name: $1, country: "GB", currency: .gbp) }
        try await server.write { tx, at in _ = try SaveCustomers(ID(1), profiles).run(in: tx, at: at) }
        return (server, try await Program(server, .viewer))
    }

    private static let odd = [
        "Abel", "Bauer" + String(repeating: " und Bauer", count: 25), "Ceres\nHandel\r\nGmbH", "Dora\tLtd",
        "Ü" + String(repeating: "ü", count: 250), "Ýr",
    ]

    @Test(arguments: Engine.available) func aListIsWholePageByPage(engine: Engine) async throws {
        let (server, program) = try await customers(Self.odd, engine)
        var found: [String] = [], after = ""
        for _ in 0..<10 {
            let page = await program.get("/v1/customers?limit=1\(after)")
            #expect(page.status == 200, "\(page.json)")
            found += page.rows.compactMap { $0["name"]?.text }
            guard let next = page.json["next"]?.text else { break }
            after = "&after=\(Link.encoded(next))"
        }
        #expect(found == Self.odd)
        for number in Self.odd.indices {
            #expect(await program.get("/v1/customers/C\(number)/terms").json["name"]?.text == Self.odd[number])
        }
        var path = "/v1/customers?limit=1", pages = 0
        while pages < 10 {
            let answer = await server.send(.get, path, [("Authorization", "Bearer \(program.key)"), ("Accept", "text/csv")])
            #expect(answer.status == .ok, "\(path)")
            pages += 1
            guard let link = answer.headers.first(where: { $0.0.rawName == "Link" })?.1 else { break }
            path = String(link.dropFirst().prefix { $0 != ">" })
        }
        #expect(pages == Self.odd.count)
    }

    @Test(arguments: Engine.available) func aBeginningIsFoundInAnyCase(engine: Engine) async throws {
        let (server, program) = try await customers(["Österreich AG", "ÖLWERK", "Oslo Ltd", "Zum Ölberg", "ökonom"], engine)
        let reader = try await server.person(.viewer)
        for (words, wanted) in [
            ("ö", ["C0", "C1", "C4"]), ("Ö", ["C0", "C1", "C4"]), ("öl", ["C1"]), ("ÖSTERREICH", ["C0"]), ("zum ö", ["C3"]), ("o", ["C2"]),
        ] {
            let query = Link.encoded(words)
            for moment in ["", "&as_of=2026-03-01"] {
                let rows = await program.get("/v1/customers?begins=\(query)\(moment)").rows
                #expect(Set(rows.compactMap { $0["number"]?.text }) == Set(wanted), "\(words)\(moment)")
            }
            let page = await reader.get("/customers?begins=\(query)").body
            for number in (0..<5).map({ "C\($0)" }) {
                #expect(page.contains("/customers/\(number)\"") == wanted.contains(number), "\(number), of \(words)")
            }
        }
    }
}
