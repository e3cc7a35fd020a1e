import Domain
import Operations
import Testing

@testable import Web

/// An empty list says why it is empty, and leads on.
@Suite struct EmptyPageTests {
    private static let day = Day("2026-03-10")!
    private static let reader = DeskReader(entityName: "E", userName: "c", role: "clerk", csrf: "t", today: day)

    private func orders(_ filter: OrderList.Filter, of customer: String? = nil) -> String {
        OrdersPage(
            page: ListPage([]), filter: filter, narrowed: FilterForm(.orders, ListFilter(customer: customer)),
            place: ListLink(path: "/orders"), reader: Self.reader
        ).body.content.text
    }

    private func documents(_ filter: DocumentList.Filter, _ currency: Currency? = nil) -> String {
        DocumentsPage(
            page: ListPage([]), filter: filter, order: .newest, late: nil,
            narrowed: FilterForm(.documents, ListFilter(currency: currency)), place: ListLink(path: "/invoices"), on: Self.day, past: nil
        ).body.content.text
    }

    private func receipts(_ filter: ReceiptList.Filter, from day: Day? = nil) -> String {
        ReceiptsPage(
            page: ListPage([]), filter: filter, narrowed: FilterForm(.receipts, ListFilter(from: day)), place: ListLink(path: "/receipts"),
            reader: Self.reader
        ).body.content.text
    }

    @Test func aNarrowedListDoesNotSayThatThereIsNothing() {
        let cases: [(text: String, says: String, leads: String)] = [
            (orders(.all), "They come from channels", "/import"), (orders(.confirmed), "What was confirmed is billed", "/orders"),
            (orders(.held, of: "C1"), "This customer has none", "/customers/C1"),
            (receipts(.all), "They come with bank statements", "/import"),
            (receipts(.unapplied), "Every receipt is applied", "/receipts"),
            (receipts(.unapplied, from: Self.day), "None is as asked for", "/receipts"), (documents(.all), "Billing issues them", "/runs"),
            (documents(.open), "Every document is settled", "/invoices"), (documents(.all, .eur), "None is as asked for", "/invoices"),
        ]
        for (text, says, leads) in cases {
            #expect(text.contains(says) && text.contains("<a class=\"button\" href=\"\(leads)\">"), "\(says)")
        }
        #expect(orders(.held).contains("No order is held") && documents(.overdue).contains("Nothing is past due"))
    }
}
