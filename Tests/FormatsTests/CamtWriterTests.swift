import Domain
import Formats
import Testing

@Suite struct CamtWriterTests {
    private static let header = StatementHeader(
        format: "camt.053.001.08", id: "S<1>", account: "DE02300606010002474689", currency: .eur, createdOn: Day(number: 20_484))

    private func readBack(_ header: StatementHeader, _ opening: Money, _ entries: [BankEntry]) throws {
        let read = try statements(of: camtStatement(header, opening: opening, entries))
        let closing = entries.filter { $0.status == .booked }.map(\.amount).reduce(opening, +)
        #expect(read == [ReadStatement(header: header, entries: entries, opening: opening, closing: closing)])
    }

    @Test func writesWhatTheReaderReads() throws {
        let day = Day(number: 20_480)
        func eur(_ minor: Int64) -> Money { Money(minor: minor, .eur) }
        let words = (1...90).map { "INV-\($0) & <more>" }.joined(separator: " ")
        try readBack(
            Self.header, eur(-100),
            [
                BankEntry(
                    amount: eur(12_345), bookedOn: day, valueOn: day + 1, reference: "R\"1\"",
                    transactions: [
                        .init(
                            amount: eur(12_345), endToEndID: "E-1", mandateID: "M-1", counterpartyName: "Müller & Söhne",
                            counterpartyIBAN: "FR7630006000011234567890189", structuredReference: "RF18539007547034",
                            remittance: words)
                    ]),
                BankEntry(
                    amount: eur(-999), bookedOn: day, valueOn: day, isReversal: true,
                    transactions: [.init(amount: eur(-999), counterpartyName: "Payer", counterpartyAccount: "20-20-15/12-345")]),
                BankEntry(
                    amount: eur(-1), bookedOn: day, valueOn: day, transactions: [.init(amount: eur(-1), counterpartyAccount: "12-345")]),
                BankEntry(
                    amount: eur(-1550), bookedOn: day, valueOn: day,
                    transactions: [
                        .init(
                            amount: eur(-1550), counterpartyName: "Max", counterpartyIBAN: "NL26VAYB8060476890",
                            returnReason: "MD06")
                    ]),
                BankEntry(
                    amount: eur(700), status: .pending, bookedOn: day, valueOn: day,
                    transactions: [.init(amount: eur(900), remittance: "a"), .init(amount: eur(-200), counterpartyName: "b")]),
                BankEntry(
                    amount: eur(5), bookedOn: day, valueOn: day, transactions: [.init(endToEndID: "1"), .init(endToEndID: "2")]),
            ])
    }

    @Test func writesEveryExponentAndTheEmptyStatement() throws {
        try readBack(Self.header, .zero(.eur), [])
        for currency in [Currency.jpy, .kwd, .usd] {
            var header = Self.header
            header.currency = currency
            header.account = "0012345"
            let amounts: [Int64] = [1, -7, 1_000_000_000_000, 1005]
            let day = Day(number: 0)
            let entries = amounts.map { Money(minor: $0, currency) }.map {
                BankEntry(amount: $0, bookedOn: day, valueOn: day, transactions: [.init(amount: $0)])
            }
            try readBack(header, Money(minor: -12, currency), entries)
        }
    }
}
