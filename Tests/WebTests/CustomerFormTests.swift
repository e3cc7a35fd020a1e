import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// A customer is created and edited on the desk, by the rules of the API.
@Suite struct CustomerFormTests {
    private static let edit = "/customers/C1/terms", new = "/new-customer"

    private func form(_ fields: [(String, String)]) -> String {
        fields.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }.joined(separator: "&")
    }

    /// What a browser sends of the form as it was drawn, with these fields typed over.
    private func typed(_ page: String, _ changes: [String: String]) -> String {
        let inputs = page.components(separatedBy: "<input ").dropFirst().compactMap { input -> (String, String)? in
            func attribute(_ name: String) -> String? {
                input.prefix { $0 != ">" }.components(separatedBy: " \(name)=\"").dropFirst().first.map { String($0.prefix { $0 != "\"" }) }
            }
            guard let name = attribute("name"), !["csrf", "q"].contains(name) else { return nil }
            return (name, attribute("value") ?? "")
        }
        let picked = page.components(separatedBy: "<select ").dropFirst().compactMap { select -> (String, String)? in
            let name = select.components(separatedBy: "name=\"")[1].prefix { $0 != "\"" }
            let value = select.components(separatedBy: "\" selected")[0].components(separatedBy: "value=\"").last
            return value.map { (String(name), $0) }
        }
        return form((inputs + picked).map { ($0.0, changes[$0.0] ?? $0.1) })
    }

    private func send(_ visitor: Visitor, _ path: String, _ form: String) async -> Answer {
        await visitor.server.send(
            .post, path,
            [
                ("Cookie", visitor.cookie), ("Content-Type", "application/x-www-form-urlencoded"), ("Referer", "http://localhost\(path)"),
            ], body: "csrf=\(visitor.csrf)&\(form)")
    }

    private func profile(_ number: String, _ server: DeskServer) async throws -> CustomerProfile? {
        let moment = ReportMoment(server.entity, asOf: Day("2026-03-10")!)
        return try await server.database.read { try ReadCustomer(moment, number: number).run(in: $0)?.profile }
    }

    @Test(arguments: Engine.available) func aCustomerIsCreated(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.clerk, "kim")
        #expect(await kim.get("/customers").body.contains("href=\"/new-customer\" data-answer=\"n\""))
        let page = await kim.get(Self.new).body
        #expect(page.contains("name=\"country\" value=\"GB\"") && page.contains("name=\"terms_days\" value=\"30\""))
        let answer = await send(
            kim, Self.new,
            typed(
                page,
                [
                    "number": "C-7", "name": " Meyer  GmbH ", "email": "ap@meyer.example", "country": "de", "currency": "eur",
                    "vat_number": "DE123456789", "terms_days": "14", "discount_percent": "2.5", "discount_days": "10",
                    "credit_limit": "5,000.00", "ibans": "DE02 1203 0000 0000 2020 51", "mandates": "M-1",
                ]))
        #expect(answer.header(.location) == "/customers/C-7", "\(answer.body)")
        let saved = try #require(try await profile("C-7", server))
        #expect(saved.name == "Meyer GmbH" && saved.country == "DE" && saved.creditLimit == Money(minor: 5_000_00, .eur))
        #expect(saved.termsDays == 14 && saved.discountTerms == DiscountTerms(basisPoints: 250, days: 10))
        #expect(saved.ibans == ["DE02120300000000202051"] && saved.mandates == ["M-1"] && saved.vatNumber == "DE123456789")
        let again = await send(kim, Self.new, typed(page, ["number": "C-7", "name": "Another"]))
        #expect(again.status == .unprocessableContent && again.body.contains("<span class=\"fault\">customer C-7 is there already</span>"))
        #expect(again.body.contains("name=\"name\" value=\"Another\""))
        #expect(try await profile("C-7", server)?.name == "Meyer GmbH")
    }

    @Test func whatIsWrongStandsBesideItsField() async throws {
        let server = try await DeskServer.open(.sqlite), kim = try await server.person(.clerk, "kim")
        let page = await kim.get(Self.new).body
        let wrong = [
            "number": "C 1/", "name": "", "email": "nobody", "country": "UK", "vat_number": "DE 1", "terms_days": "soon",
            "discount_percent": "2", "discount_days": "", "credit_limit": "much", "ibans": "DE02120300000000202052",
        ]
        let refused = await send(kim, Self.new, typed(page, wrong))
        #expect(refused.status == .unprocessableContent && refused.body.contains("<b>Not done.</b> Correct what is marked"))
        for words in [
            "write 1 to 200 characters", "write a mail address", "write GB", "soon: write a whole number", "write both or neither",
            "much: write an amount such as 1234.50", "wrong check digits",
        ] { #expect(refused.body.contains(words), "\(words)") }
        for (name, value) in wrong where !["number", "billing"].contains(name) {
            #expect(refused.body.contains("name=\"\(name)\" value=\"\(value)\""), "\(name) keeps what was typed")
        }
        #expect(refused.body.components(separatedBy: " aria-invalid=\"true\"").count == 9, "eight fields are marked")
        #expect(try await server.count("SELECT count(*) FROM customer WHERE entity_id = 1") == 0)
    }

    @Test(arguments: Engine.available) func anEditIsNotedWithWhatStoodBefore(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.clerk, "kim")
        #expect(await kim.get("/customers/C1").body.contains("href=\"\(Self.edit)\" data-answer=\"e\""))
        let page = await kim.get(Self.edit).body
        #expect(page.contains("name=\"email\" value=\"ap@meyer.example\"") && !page.contains("name=\"number\""))
        let answer = await send(kim, Self.edit, typed(page, ["terms_days": "14", "email": ""]))
        #expect(answer.header(.location) == "/customers/C1", "\(answer.body)")
        let saved = try await profile("C1", server)
        #expect(saved?.termsDays == 14 && saved?.email == nil && saved?.name == "Meyer")
        let noted = try await server.database.read { tx in
            try tx.rows("SELECT detail FROM audit_entry WHERE entity_id = 1 AND act = '/customers/C1/terms'") { $0.text(0) }
        }
        #expect(
            noted.first?.contains(
                #"before {"email":"ap@meyer.example","terms_days":30} after {"email":null,"terms_days":14}"#) == true, "\(noted)")
        #expect(noted.count == 1 && noted.first?.contains("read_") == false)
        let viewer = try await server.person(.viewer)
        #expect(await !viewer.get("/customers/C1").body.contains(Self.edit))
        #expect(await send(viewer, Self.edit, typed(page, [:])).status == .forbidden)
    }

    /// Two people have the form open: the second is told what the first changed, keeps what was typed, and overwrites nothing unseen.
    @Test(arguments: Engine.available) func aChangeInBetweenIsTold(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine)
        let kim = try await server.person(.clerk, "kim"), ann = try await server.person(.approver, "ann")
        let opened = await kim.get(Self.edit).body
        #expect(await send(ann, Self.edit, typed(opened, ["terms_days": "7", "name": "Meyer AG"])).header(.location) == "/customers/C1")
        let late = await send(kim, Self.edit, typed(opened, ["terms_days": "60", "vat_number": "GB123456789"]))
        #expect(
            late.status == .unprocessableContent
                && late.body.contains("Somebody changed this customer since you opened the form: Name, Days"))
        #expect(
            late.body.contains("changed meanwhile from “30” to “7”") && late.body.contains("changed meanwhile from “Meyer” to “Meyer AG”"))
        #expect(late.body.contains("name=\"terms_days\" value=\"60\"") && late.body.contains("name=\"vat_number\" value=\"GB123456789\""))
        #expect(late.body.contains("name=\"name\" value=\"Meyer AG\""), "what kim did not touch shows what ann made of it")
        #expect(try await profile("C1", server)?.termsDays == 7)
        #expect(await send(kim, Self.edit, typed(late.body, [:])).header(.location) == "/customers/C1")
        let saved = try await profile("C1", server)
        #expect(saved?.termsDays == 60 && saved?.name == "Meyer AG" && saved?.vatNumber == "GB123456789")
    }

    /// A clerk lowers a limit; who releases what it holds raises it.
    @Test(arguments: Engine.available) func aClerkLoosensNoLimit(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine)
        let kim = try await server.person(.clerk, "kim"), ann = try await server.person(.approver, "ann")
        let limited = CustomerProfile(
            number: "C1", name: "Meyer", email: "ap@meyer.example", country: "GB", creditLimitMinor: 1_00, currency: .gbp)
        try await server.write { tx, now in _ = try SaveCustomers(ID(1), [limited]).run(in: tx, at: now) }
        let page = await kim.get(Self.edit).body
        for limit in ["", "1.01"] {
            let refused = await send(kim, Self.edit, typed(page, ["credit_limit": limit, "terms_days": "14"]))
            #expect(refused.status == .unprocessableContent && refused.body.contains("id=\"fault-credit_limit\""))
            #expect(refused.body.contains("only the roles approver, controller, administrator raise or clear it"))
            #expect(refused.body.contains("name=\"credit_limit\" value=\"\(limit)\""), "what was typed is still there")
        }
        #expect(await send(kim, Self.edit, typed(page, ["currency": "JPY", "credit_limit": "1"])).status == .unprocessableContent)
        let kept = try await profile("C1", server)
        #expect(kept?.creditLimit == Money(minor: 1_00, .gbp) && kept?.termsDays == 30)
        #expect(await send(kim, Self.edit, typed(page, ["credit_limit": "0.50"])).header(.location) == "/customers/C1")
        #expect(try await profile("C1", server)?.creditLimit == Money(minor: 50, .gbp))
        let again = await ann.get(Self.edit).body
        #expect(await send(ann, Self.edit, typed(again, ["credit_limit": ""])).header(.location) == "/customers/C1")
        #expect(try await profile("C1", server)?.creditLimit == nil)
    }

    @Test func anAccountOfSeveralCustomersIsTold() async throws {
        let server = try await DeskServer.owed(.sqlite), kim = try await server.person(.clerk, "kim"), iban = "GB29NWBK60161331926819"
        let other = CustomerProfile(number: "C2", name: "Parent", country: "GB", currency: .gbp, ibans: [iban])
        try await server.write { tx, now in _ = try SaveCustomers(ID(1), [other]).run(in: tx, at: now) }
        let answer = await send(kim, Self.edit, typed(await kim.get(Self.edit).body, ["ibans": iban]))
        let notice = answer.headers.first { $0.0 == .setCookie && $0.1.hasPrefix("__Host-notice") }?.1 ?? ""
        #expect(percentDecoded(notice).contains("Account \(iban) is of customers C1, C2"), "\(notice)")
        #expect(try await profile("C1", server)?.ibans == [iban])
        #expect(await kim.get("/customers/nobody/terms").status == .notFound)
    }
}
