import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What is wrong with a form is told at once, each beside its field, with the cursor in the first and what was typed kept.
@Suite struct FormFaultTests {
    private static let document = DeskServer.document

    /// Meyer owes 600.00 on one document, paid 500.00 that wait in the queue, and has an order over its limit.
    private func desk() async throws -> DeskServer {
        let server = try await DeskServer.owed(.sqlite), day = Day("2026-01-05")!
        let receipt = ReceiptIntake(
            method: "bank", externalID: "B1", bookedOn: day + 40, amount: Money(minor: 500_00, .gbp), customer: nil, remittance: "?")
        let customer = CustomerProfile(number: "C2", name: "Poor", country: "GB", creditLimitMinor: 0, currency: .gbp)
        let line = OrderIntake.Line(sku: "A", description: "Goods", quantityMilli: 1_000, priceMicro: 60_000_000)
        let order = OrderIntake(
            channel: "web", externalID: "SO-1", kind: .sale, customerNumber: "C2", country: "GB", orderedOn: day, currency: .gbp,
            lines: [line])
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try PlaceOrders(ID(1), [order]).run(in: tx, at: now)
            _ = try RecordReceipts(ID(1), [receipt], on: day + 40).run(in: tx, at: now)
        }
        try await server.write { tx, now in _ = try ApplyReceipts(ID(1), on: day + 40, toleranceMinor: 0).run(in: tx, at: now) }
        return server
    }

    /// Names of the fields that are marked, in the order of the page; the words of each stand under the id that the mark names.
    private func marked(_ page: String) -> [String] {
        page.matches(of: /<(?:input|select)[^>]* name="([^"]+)"[^>]* aria-invalid="true" aria-describedby="([^"]+)"/).map { match in
            let (_, name, id) = match.output
            #expect(id == "fault-\(name)" && page.contains("id=\"\(id)\"><span class=\"fault\">"), "\(name)")
            return String(name)
        }
    }

    private func focused(_ page: String) -> [String] {
        page.matches(of: /<(?:input|select)[^>]* name="([^"]+)"[^>]* autofocus>/).map { String($0.output.1) }
    }

    @Test func everyFieldAtFaultIsMarked() async throws {
        let server = try await desk(), ann = try await server.person(.administrator, "ann"), page = "/invoices/\(Self.document)"
        let receipt = try await server.count("SELECT receipt_id FROM cash_queue WHERE entity_id = 1"), queue = "/cash?receipt=\(receipt)"
        let cases: [(act: String, form: String, page: String, fields: [String])] = [
            ("\(page)/slices", "kind=promise&amount=much&due_on=&reason=", page, ["amount", "due_on", "reason"]),
            ("\(page)/slices", "kind=deduction&amount=1.00&code=&customer_code=&reason=", page, ["code", "reason"]),
            ("\(page)/slices", "kind=dispute&amount=9000.00&reason=broken", page, ["amount"]),
            ("\(page)/plan", "count=many&amount=&due_on=&reason=", page, ["count", "amount", "due_on", "reason"]),
            ("\(page)/write-off", "amount=1,2.3.4&code=price&reason=", page, ["amount", "reason"]),
            ("/collections/codes", "customer=&customer_code=&code=price", "/collections/codes", ["customer", "customer_code"]),
            ("/orders/decide", "reason=&event=released", "/orders?state=held", ["order", "reason"]),
            (
                "/cash/\(receipt)/answer", "answer=by_hand&customer=&document=X&amount=&document.2=&settles.2=1.00&reason=r", queue,
                ["customer", "amount", "document.2"]
            ),
            ("/cash/\(receipt)/answer", "answer=by_hand&customer=C9&document=X&amount=1.00&reason=r", queue, ["customer"]),
            ("/cash/\(receipt)/answer", "answer=ask&customer=&question=&answer_by=", queue, ["customer", "question", "answer_by"]),
            ("/cash/\(receipt)/answer", "answer=not_ours&reason=", queue, ["reason"]),
            ("/customers/C1/identities", "kind=iban&value=", "/customers/C1", ["value"]),
            ("/customers/C1/identities", "kind=iban&value=DE02120300000000202052", "/customers/C1", ["value"]),
            ("/ledger/periods", "ends_on=", "/ledger/periods", ["ends_on"]), ("/users/keys", "name=&role=clerk", "/users", ["name"]),
            ("/account/password", "password=&new_password=short", "/account", ["password", "new_password"]),
        ]
        for (act, form, page, fields) in cases {
            let refused = await ann.post(act, form, from: page)
            #expect(refused.status == .unprocessableContent, "\(act) \(form)")
            #expect(marked(refused.body) == fields, "\(act) \(form)")
            #expect(focused(refused.body) == [fields[0]], "\(act) \(form)")
            let isTold = refused.body.contains("<b>Not done.</b> Correct what is marked: ")
            #expect(isTold == (fields.count > 1), "\(act) \(form)")
        }
        let kept = await ann.post("\(page)/plan", "count=many&amount=12.34&due_on=&reason=%3Ci%3E", from: page).body
        for typed in ["name=\"count\" value=\"many\"", "name=\"amount\" value=\"12.34\"", "name=\"reason\" value=\"&lt;i&gt;\""] {
            #expect(kept.contains(typed), "\(typed)")
        }
        #expect(try await server.count("SELECT count(*) FROM slice WHERE entity_id = 1") == 0)
        #expect(try await server.count("SELECT count(*) FROM approval WHERE entity_id = 1") == 0)
    }

    /// No form stops at its first field: the browser leaves it to the server, which tells all.
    @Test func noFormWithFieldsIsCheckedFieldByField() async throws {
        let server = try await desk(), ann = try await server.person(.administrator, "ann")
        for path in ["/invoices/\(Self.document)", "/cash", "/customers/C1", "/orders?state=held", "/users", "/account", "/new-customer"] {
            let page = await ann.get(path).body
            for form in page.components(separatedBy: "<form method=\"post\"").dropFirst() {
                let head = form.prefix { $0 != ">" }, content = form.components(separatedBy: "</form>")[0]
                guard content.contains(" required") else { continue }
                #expect(head.hasSuffix(" novalidate"), "\(path) \(head)")
            }
            #expect(!page.contains("aria-invalid") && !page.contains("autofocus"), "\(path)")
        }
    }

    @Test func theCustomerFormTellsEveryPartOfAFault() async throws {
        let server = try await desk(), ann = try await server.person(.administrator, "ann"), long = String(repeating: "x", count: 300)
        let form = """
            number=C1&name=&email=nobody&street=\(long)&postal_code=\(long)&city=\(long)&country=UK&vat_number=DE%201&currency=EURO&credit_limit=much\
            &terms_days=soon&discount_percent=200&discount_days=900&billing=order&cash_policy=reference\
            &ibans=DE02120300000000202052%20GB11BUKB20201555555555&mandates=M*1
            """
        let refused = await ann.post("/new-customer", form, from: "/new-customer").body
        #expect(
            marked(refused) == [
                "number", "name", "email", "street", "postal_code", "city", "country", "vat_number", "currency", "credit_limit",
                "terms_days",
                "discount_percent", "discount_days", "ibans", "mandates",
            ])
        #expect(focused(refused) == ["number"] && refused.contains("customer C1 is there already"))
        for account in ["DE02120300000000202052 has wrong check digits", "GB11BUKB20201555555555 has wrong check digits"] {
            #expect(refused.contains(account), "\(account)")
        }
    }

    @Test func whoOpensAnAccountIsToldAllAndKeepsWhatWasTyped() async throws {
        let server = try await DeskServer.open(.sqlite)
        let refused = await server.send(.post, "/welcome", body: "token=x&name=&email=nobody&password=short").body
        #expect(marked(refused) == ["name", "email", "password"] && focused(refused) == ["name"])
        #expect(refused.contains("name=\"email\" value=\"nobody\"") && !refused.contains("short"))
        #expect(refused.contains("name=\"name\" value=\"\" autocomplete=\"name\""), "a browser fills in what it knows (WCAG 1.3.5)")
        let weak = await server.send(.post, "/welcome", body: "token=x&name=Ann&email=ann@example.com&password=short").body
        #expect(marked(weak) == ["password"] && weak.contains("value=\"Ann\"") && weak.contains("A password has at least 12 characters"))
        let wrong = await server.send(.post, "/sign-in", body: "email=ann@example.com&password=wrong&to=/").body
        #expect(wrong.contains("name=\"email\" value=\"ann@example.com\"") && marked(wrong).isEmpty)
    }
}
