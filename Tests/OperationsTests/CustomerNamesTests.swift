import Domain
import Simulation
import Store
import TestSupport
import Testing

@testable import Operations

/// Names that are kept and carried on find what the books hold now.
@Suite struct CustomerNamesTests {
    private static let words = ["müller", "MÜLLER", "gmbh", "x", "ö", "&", "a@", "@mail.example", "ll", "gmbhm", "zz", "sons & co"]

    @Test(arguments: Engine.available, [1, 2, 3] as [UInt64]) func findsAsTheBooksStand(engine: Engine, seed: UInt64) async throws {
        let shop = try await Shop.open(engine)
        var random = SeededRandom(seed: seed), kept: (names: CustomerNames, lastID: Int64)?
        func pick(_ texts: [String]) -> String { texts[random.below(texts.count)] }
        for step in 0..<25 {
            let number = "K\(random.below(9))", mail = pick(["", "a@mail.example", "Anna@Müller.example"])
            let name = pick(["Müller", "MÜLLER", "Möller", "x", "Sons"]) + pick([" GmbH", " & Co", ""]) + pick(["", " llx"])
            try await shop.customer(number, name, email: mail.isEmpty ? nil : mail)
            if step % 3 == 0 { continue }
            let before = kept,
                (names, lastID, rows) = try await shop.database.read { tx in
                    (
                        try CustomerNames(shop.entity, since: before, in: tx),
                        try tx.first("SELECT last_id FROM book WHERE entity_id = 1") { $0.integer(0) } ?? 0,
                        try tx.rows("SELECT id, name, COALESCE(email, '') FROM customer WHERE entity_id = 1") {
                            (id: $0.integer(0), name: $0.text(1).lowercased(), mail: $0.text(2).lowercased())
                        }
                    )
                }
            kept = (names, lastID)
            let middle = rows.map(\.id).sorted()[rows.count / 2]
            for words in Self.words {
                let small = words.lowercased()
                let wanted = rows.filter {
                    Self.holds($0.name, small) || small.contains("@") && Self.holds($0.mail, small)
                }.sorted { (Array($0.name.utf8), $0.id) < (Array($1.name.utf8), $1.id) }.map(\.id)
                #expect(names.ids(holding: words, through: .max, limit: 4) == Array(wanted.prefix(4)), "\(words) at step \(step)")
                #expect(names.ids(holding: words, through: middle, limit: 9) == wanted.filter { $0 <= middle }.prefix(9) + [])
            }
        }
    }

    /// By bytes: a mark that joins the letter before it does not hide it.
    private static func holds(_ text: String, _ words: String) -> Bool {
        let text = Array(text.utf8), words = Array(words.utf8)
        return text.indices.contains { text[$0...].starts(with: words) }
    }
}

private func < (left: (name: [UInt8], id: Int64), right: (name: [UInt8], id: Int64)) -> Bool {
    left.name == right.name ? left.id < right.id : left.name.lexicographicallyPrecedes(right.name)
}
