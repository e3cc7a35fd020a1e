import Domain
import Formats
import Testing

/// Sample files of banks, with the figures that other software found in them. Amounts in minor units.
@Suite struct CamtSampleTests {
    @Test(arguments: [
        ("genkgo/camt052.v2.xml", ["camt.052.001.02 0C=0 1D=20000000 SEK tx=1 rev=0 rtr= open=- close=-"]),
        ("genkgo/camt052.v8.xml", ["camt.052.001.08 0C=0 1D=20000000 SEK tx=1 rev=0 rtr= open=- close=-"]),
        (
            "genkgo/camt053.v2.five.decimals.xml",
            ["camt.053.001.02 1C=885 0D=0 EUR tx=1 rev=0 rtr= open=1815 close=2705 off by 0.05"]
        ),
        (
            "genkgo/camt053.v2.minimal.xml",
            ["camt.053.001.02 1C=885 0D=0 EUR tx=1 rev=0 rtr= open=1815 close=-2700 off by −54.00"]
        ),
        (
            "genkgo/camt053.v2.multi.statement.xml",
            [
                "camt.053.001.02 1C=885 0D=0 EUR tx=1 rev=0 rtr= open=1815 close=2700",
                "camt.053.001.02 0C=0 1D=700 EUR tx=1 rev=0 rtr= open=2700 close=2000",
            ]
        ),
        ("genkgo/camt053.v4.xml", ["camt.053.001.04 1C=885 0D=0 EUR tx=1 rev=0 rtr= open=1815 close=-2700 off by −54.00"]),
        ("genkgo/camt053.v8.xml", ["camt.053.001.08 1C=885 0D=0 EUR tx=1 rev=0 rtr= open=1815 close=-2700 off by −54.00"]),
        ("genkgo/camt054.v2.with-account-name.xml", ["camt.054.001.02 0C=0 1D=20000000 SEK tx=1 rev=0 rtr= open=- close=-"]),
        ("genkgo/camt054.v2.xml", ["camt.054.001.02 0C=0 1D=20000000 SEK tx=3 rev=0 rtr= open=- close=-"]),
        ("genkgo/camt054.v8.xml", ["camt.054.001.08 0C=0 1D=20000000 SEK tx=3 rev=0 rtr= open=- close=-"]),
        (
            "konfipay/failed_debit_with_charges_02.xml",
            ["camt.053.001.08 0C=0 1D=1550 EUR tx=1 rev=0 rtr=MD06 open=100041 close=100094 off by 16.03"]
        ),
        ("konfipay/outgoing_collection_02.xml", ["camt.053.001.02 0C=0 1D=4000 EUR tx=2 rev=0 rtr= open=200000 close=196000"]),
        ("konfipay/outgoing_collection_08.xml", ["camt.053.001.08 0C=0 1D=4000 EUR tx=2 rev=0 rtr= open=200000 close=196000"]),
    ])
    func reads(file: String, summaries: [String]) throws {
        guard let path = sharedData("bank-camt/\(file)") else { return }
        #expect(try statements(at: path).map(\.summary) == summaries)
    }

    @Test func refusesADocumentWithoutStatement() throws {
        guard let path = sharedData("bank-camt/genkgo/camt053.v2.wrong.xml") else { return }
        #expect(
            try fault { _ = try statements(at: path) }?.message
                == "holds no statement (no Stmt, Rpt or Ntfctn): ask the bank for the day's statement")
    }

    @Test func readsAReturnedDirectDebit() throws {
        guard let path = sharedData("bank-camt/konfipay/failed_debit_with_charges_02.xml") else { return }
        let statement = try #require(try statements(at: path).first)
        let returned = try #require(statement.entries.first?.transactions.first)
        #expect(statement.header.account == "DE02300606010002474689")
        #expect(returned.endToEndID == "MANDATE123-05.01.2022")
        #expect(returned.mandateID == "MANDATE123")
        #expect(returned.counterpartyName == "Max Mustermann")
        #expect(returned.counterpartyIBAN == "DE80733900000100121738")
        #expect(returned.remittance.contains("Entgelt Rück lastschrift"))
        #expect(
            statement.findings == [
                Finding(
                    line: 51,
                    "balances do not add up: opening 1000.41 − entries 15.50 = 984.91, closing 1000.94 EUR, difference 16.03")
            ])
    }
}

extension ReadStatement {
    /// The data's own notation; an entry without `TxDtls` counts as one transaction.
    fileprivate var summary: String {
        let credits = entries.map(\.amount.minor).filter { $0 >= 0 }, debits = entries.map(\.amount.minor).filter { $0 < 0 }
        let transactions = entries.flatMap(\.transactions)
        let reasons = transactions.compactMap(\.returnReason).joined(separator: ",")
        let offBy = findings.first { $0.message.hasPrefix("balances do not") }?.message.split(separator: " ").last
        return "\(header.format) \(credits.count)C=\(credits.reduce(0, +)) \(debits.count)D=\(-debits.reduce(0, +)) "
            + "\(header.currency?.code ?? "-") tx=\(transactions.count) rev=\(entries.count(where: \.isReversal)) rtr=\(reasons) "
            + "open=\(opening.map { "\($0.minor)" } ?? "-") close=\(closing.map { "\($0.minor)" } ?? "-")"
            + (offBy.map { " off by \($0)" } ?? "")
    }
}
