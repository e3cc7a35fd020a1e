import Domain
import Testing

@testable import Operations
@testable import Web

/// What an import and a recount found is shown whole, or with how many there are.
@Suite struct FindingTests {
    private static let reader = DeskReader(entityName: "E", userName: "c", role: "controller", csrf: "t", today: Day("2026-03-10")!)

    private func lines(_ count: Int) -> [String] { (0..<count).map { "line \($0 + 1): no amount" } }

    private func imported(_ findings: [String]) -> String {
        let outcome = ImportOutcome([("Rows", "9")], findings: findings)
        return ImportPage(outcome: ("orders.csv", outcome), reader: Self.reader).body.content.text
    }

    private func proven(_ faults: [String]) -> String {
        let proof = ProofView(lines: [], sealCount: 1, sealedAt: Instant(microseconds: 0), head: "00")
        return ProofPage(proof: proof, check: CheckBooks.Report(sealCount: 1, faults: faults), reader: Self.reader).body.content.text
    }

    @Test func everyFindingOfAnImportIsShown() {
        let page = imported(lines(500)), none = imported([])
        #expect(page.contains("500 findings") && page.contains("line 500: no amount") && !page.contains("The first"))
        #expect(page.contains("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Findings\">"))
        #expect(none.contains("No findings") && !none.contains("aria-label=\"Findings\""))
    }

    @Test func aboveTheBoundItSaysHowManyThereAre() {
        let page = imported(lines(FindingList.shown + 1))
        #expect(page.contains("5,001 findings") && page.contains("The first 5,000 of 5,001."))
        #expect(page.contains("line 5000: ") && !page.contains("line 5001: "))
    }

    @Test func theProofSaysHowManyFaultsThereAre() {
        let page = proven(lines(60)), many = proven(lines(FindingList.shown + 1))
        #expect(page.contains("<b>Not proven.</b> 60 faults.") && page.contains("line 60: no amount") && !page.contains("The first"))
        #expect(page.contains("role=\"region\" aria-label=\"Faults\""))
        #expect(many.contains("<b>Not proven.</b> 5,001 faults.") && many.contains("The first 5,000 of 5,001."))
        #expect(proven([]).contains("<b>Proven.</b>"))
    }
}
