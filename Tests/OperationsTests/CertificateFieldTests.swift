import Domain
import Operations
import Store
import TestSupport
import Testing

/// No field of a certificate can be changed unnoticed by the verification alone.
@Suite struct CertificateFieldTests {
    @Test(arguments: Engine.available) func everyChangedFieldIsFound(engine: Engine) async throws {
        let shop = try await CoveredShop.open(engine)
        try await shop.pays(33_30 + 48_40, iban: CoveredShop.iban, on: "2026-02-21")
        try await shop.unprotect()
        #expect(try await shop.verification().faults == [])
        let ids = try await shop.database.read { tx in
            try tx.rows("SELECT id, certificate FROM application WHERE entity_id = 1 AND certificate IS NOT NULL ORDER BY id") {
                ($0.integer(0), $0.text(1))
            }
        }
        #expect(ids.count > 1)
        for (id, certificate) in ids {
            for changed in Self.changes(of: certificate) {
                try await shop.write(changed, id)
                #expect(try await shop.verification().faults != [], "\(changed)")
            }
            try await shop.write(certificate, id)
        }
        #expect(try await shop.verification().faults == [])
    }

    /// The text with the end of each word changed, and with each line left out.
    private static func changes(of certificate: String) -> [String] {
        let lines = certificate.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines.indices.filter { !lines[$0].isEmpty }.flatMap { at in
            let words = lines[at].split(separator: " ").map(String.init)
            let changed = words.indices.map { word in
                var words = words
                words[word] = String(words[word].dropLast()) + (words[word].last == "1" ? "2" : "1")
                return words.joined(separator: " ")
            }
            return (changed + [nil]).map { line in
                (lines[..<at] + (line.map { [$0] } ?? []) + lines[(at + 1)...]).joined(separator: "\n")
            }
        }
    }

    private static let text = """
        florin-match-1
        policy standard 0
        cash 300 EUR 2026-01-05
        rule payer_items
        row medium 3
        customer 1
        payer 1 iban
        open 1 100
        open 2 200
        open 3 250
        line 1 100
        line 2 200
        rest 0
        signal 35 payer by iban
        signal 30 amount exact
        signal 10 only solution
        margin 15
        unique 2 6 1 2 3
        """

    @Test func aCertificateThatAgreesWithItsPolicyIsSound() throws {
        let certificate = try CertificateReader(Self.text)
        #expect(certificate.contradictions == [] && certificate.misstatements(under: .standard) == [])
    }

    /// Found without its seal and without the books.
    @Test(arguments: [
        ("signal 35 payer", "signal 36 payer", "has 36 points"), ("payer by iban", "payer by name", "the signal says payer by name"),
        ("amount exact", "amount in part", "the signal 'amount exact'"),
        ("signal 10 only solution\n", "", "in one place and not in the other"),
        ("row medium 3", "row medium 4", "does not post"), ("margin 15", "margin 14", "the policy wants 15"),
        ("unique 2 6", "unique 2 7", "7 choices are not those"),
        ("margin 15", "margin 15\nnext 60 2", "no other item of 300"), ("margin 15", "margin 15\nnext 41 9", "comes next with 41 points"),
    ])
    func aFactThatDoesNotFollowIsFound(from: String, to: String, fault: String) throws {
        let changed = Self.text.replacing(from, with: to)
        #expect(changed != Self.text)
        let certificate = try CertificateReader(changed), faults = certificate.contradictions + certificate.misstatements(under: .standard)
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }

    /// Numbers that no certificate holds are refused before anything is added up.
    @Test(arguments: [
        "rest 9223372036854775807", "signal -9223372036854775808 x", "unique 0 1 1", "unique 9 1 1", "margin 99999999999999999",
    ])
    func aNumberBeyondAnyAmountIsNotRead(line: String) {
        #expect(throws: CertificateReader.Fault.self) { try CertificateReader(Self.text + "\n" + line) }
    }
}

extension Shop {
    fileprivate func write(_ certificate: String, _ application: Int64) async throws {
        try await asOwner("UPDATE application SET certificate = \(certificate) WHERE entity_id = 1 AND id = \(application)")
    }
}
