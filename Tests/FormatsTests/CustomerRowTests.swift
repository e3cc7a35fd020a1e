import Domain
import Formats
import Testing

@Suite struct CustomerRowTests {
    private static let head = "number,name,country,currency,terms_days,credit_limit,ibans,mandates"

    private func rows(_ rows: String...) throws -> [CustomerRow] {
        try withFile(([Self.head] + rows).joined(separator: "\n")) { path in
            try readRecords(path, needed: CustomerRow.needed) { try CustomerRow($0) }
        }
    }

    @Test func aRowIsACustomer() throws {
        let row = try #require(try rows("C1,Meyer GmbH,DE,EUR,14,5000.00,DE02 1203 0000 0000 2020 51 GB29NWBK60161331926819,M-1 M-2").first)
        #expect(row.line == 2 && row.refusedAccounts.isEmpty)
        #expect(row.profile.ibans == ["DE02120300000000202051", "GB29NWBK60161331926819"] && row.profile.mandates == ["M-1", "M-2"])
        #expect(row.profile.termsDays == 14 && row.profile.creditLimit == Money(minor: 500_000, .eur))
    }

    /// A wrong account is told with its place; the customer and the right ones stand. An account of a bank without IBANs is taken.
    @Test func anAccountWithWrongCheckDigitsIsRefusedAlone() throws {
        let row = try #require(
            try rows("C1,Meyer,DE,EUR,,,,", "C2,Smith,GB,GBP,,,DE02120300000000202052 GB29NWBK60161331926819 021000021/4711,").last)
        #expect(row.profile.ibans == ["GB29NWBK60161331926819", "021000021/4711"])
        let fault = try #require(row.refusedAccounts.first)
        #expect(row.refusedAccounts.count == 1 && fault.line == 3 && fault.column == "ibans")
        #expect(
            fault.message
                == "DE02120300000000202052 has wrong check digits, a character may be mistyped: read it again from a bank statement "
                + "or the mandate, or ask the payer")
    }

    /// A name stands on documents, in lists and in addresses of pages.
    @Test func aNameIsOneLine() throws {
        let name = String(repeating: "ä", count: 200)
        #expect(try rows("C1,\(name),DE,EUR,,,,").first?.profile.name == name)
        for lines in ["\"Meyer\nHandel\"", "\"Meyer \r\n Handel\n\"", "Meyer\u{2028}Handel"] {
            #expect(try rows("C1,\(lines),DE,EUR,,,,").first?.profile.name == "Meyer Handel", "\(lines)")
        }
        let refused = try fault { _ = try rows("C1,Meyer,DE,EUR,,,,", "C2,\(name)x,DE,EUR,,,,") }
        #expect(refused?.line == 3 && refused?.message == "name: write one line of at most 200 characters")
        #expect(try fault { _ = try rows("C1, ,DE,EUR,,,,") }?.message == "name: is empty")
    }

    /// A file is mended at once, not fault by fault.
    @Test func theWrongFieldsOfSeveralRowsAreToldTogether() throws {
        let refused = try fault { _ = try rows("C1,Meyer,DE,EUR,,,,", "C2,Smith,UK,GBP,,,,") }
        #expect(refused?.line == 3 && refused?.message == "country: UK is no ISO 3166-1 code; write GB")
        let many = try fault { _ = try rows("C1,,DE,EUR,,,,", "C2,Smith,GB,GBP,,,,", "C3,Smith,GB,pounds,,,,") }
        #expect(many?.line == 2)
        #expect(many?.message == "name: is empty; line 4, currency: pounds is no ISO 4217 code; write three capitals such as EUR")
        let all = try withFile((["number,name,country,currency"] + (0..<12).map { "C\($0),,DE,EUR" }).joined(separator: "\n")) { path in
            try fault { _ = try readRecords(path, needed: CustomerRow.needed) { try CustomerRow($0) } }
        }
        #expect(all?.message.hasSuffix("; line 11, name: is empty; and 2 more lines") == true)
    }
}
