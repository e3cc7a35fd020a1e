import Domain
import Testing

@testable import Operations
@testable import Web

/// A receipt whose money the bank took back says so, and offers nothing that would be refused.
@Suite struct ReturnedReceiptTests {
    private static let day = Day("2026-03-10")!
    private static let reader = DeskReader(entityName: "E", userName: "c", role: "clerk", csrf: "t", today: day)

    private func receipt(_ kind: OpenItem.Kind?, applied: Bool = true) -> ReceiptView {
        let amount = Money(minor: 120_00, .gbp)
        let settlements = [kind].compactMap { $0 }.map {
            ReceiptView.Settlement(document: "INV-1", kind: $0.rawValue, amount: amount, on: Self.day, rule: "reference")
        }
        let application = ReceiptView.Application(
            on: Self.day, rule: "reference", explanation: "names it", certificate: nil, isReversal: false)
        return ReceiptView(
            id: ID(5), method: "bank", externalID: "abc", bookedOn: Self.day, amount: amount, unapplied: .zero(.gbp), customerNumber: nil,
            customerName: nil, payerName: "Meyer", payerIBAN: nil, endToEndID: nil, mandateID: nil, structuredReference: nil,
            remittance: "inv 1", queueReason: nil, askedUntil: nil, inquiries: [], candidates: [],
            applications: applied ? [application] : [], settlements: settlements)
    }

    private func page(_ receipt: ReceiptView) -> String {
        let body = ReceiptPage(receipt: receipt, reader: Self.reader).body
        return body.aside.text + body.content.text
    }

    @Test func aReturnedReceiptIsNotCalledApplied() {
        let applied = page(receipt(.invoice)), returned = page(receipt(.return))
        #expect(applied.contains("Applied") && applied.contains("Take the application back") && !applied.contains("Returned"))
        #expect(returned.contains("Returned") && !returned.contains(">Applied") && !returned.contains("Take the application back"))
    }

    @Test func theQueueSaysWhyItHasNothingToAsk() {
        for isApplied in [true, false] {
            let page = CashPage(
                queue: ListPage([]), filter: .waiting, counts: [0, 0], receipt: receipt(.return, applied: isApplied), after: nil,
                reader: Self.reader)
            #expect(page.body.content.text.contains("The bank took this money back"))
            #expect(!page.body.content.text.contains("next run") && !page.body.content.text.contains("takes it back"))
        }
    }
}
