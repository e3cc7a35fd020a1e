import Domain
import Operations

/// Reads the fields of a form one after the other, in its order, and tells at once what is wrong with each.
struct FormCheck {
    private var faults: [(fault: FieldsRefusal.Fault, refusal: any Refusal)] = []

    var isSound: Bool { faults.isEmpty }

    /// - Parameter label: As the form calls the field.
    mutating func tell(_ name: String, _ label: String, _ refusal: any Refusal) {
        faults.append((.init(name, refusal.message, label: label), refusal))
    }

    /// A value that must be there; without it the field is told with the refusal.
    mutating func need<Value>(_ name: String, _ label: String, _ value: Value?, or refusal: @autoclosure () -> any Refusal) -> Value? {
        if value == nil { tell(name, label, refusal()) }
        return value
    }

    /// All that was told; where it is one field, in that field's own words.
    var refusal: FieldsRefusal {
        guard faults.count == 1, let only = faults.first else { return FieldsRefusal(faults.map(\.fault)) }
        return FieldsRefusal([only.fault], code: only.refusal.code, only.refusal.message)
    }
}

extension DeskQuestion {
    /// What a form says under "Reason", where it asks for nothing else.
    func reason() throws -> String {
        var form = FormCheck()
        guard let reason = form.need("reason", "Reason", self["reason"], or: SliceRefusal.noReason) else { throw form.refusal }
        return reason
    }
}

/// A "no" to fields of a form, each beside the field.
struct FieldsRefusal: Refusal {
    struct Fault: Sendable {
        let name: String
        let message: String
        /// As the form calls the field; nil where its name says it.
        var label: String?
        init(_ name: String, _ message: String, label: String? = nil) { (self.name, self.message, self.label) = (name, message, label) }
    }

    /// In the order of the form.
    let faults: [Fault]
    let code: String
    private let words: String?
    /// - Parameter message: Of the whole form; the fields at fault by their labels when left out.
    init(_ faults: [Fault], code: String = "field_invalid", _ message: String? = nil) {
        (self.faults, self.code, words) = (faults, code, message)
    }
    var category: RefusalCategory { .invalid }
    var message: String {
        words ?? "correct what is marked: \(faults.map { $0.label ?? CustomerForm.labels[$0.name] ?? $0.name }.joined(separator: ", "))"
    }

    /// The fields that a refusal of the books is about, by its code: those of the desk's forms and those of the API.
    private static let fields: [String: [String]] = [
        "customer_not_found": ["customer", "customer_number"], "address_missing": ["customer", "customer_number"],
        "document_not_found": ["document"],
        "document_settled": ["document", "amount"], "amount_above_open": ["amount"], "amount_above_free": ["amount"],
        "amount_not_positive": ["amount"], "amount_unreadable": ["amount"], "answer_day": ["answer_by"],
        "promise_day_missing": ["due_on"], "reason_missing": ["reason", "question"],
        "reason_code_unknown": ["code", "reason_code", "customer_code"], "run_day_ahead": ["on"], "period_runs": ["ends_on"],
        "since_beyond_feed": ["since"], "buckets_unsorted": ["buckets"],
        "statement_backwards": ["from"], "statement_day_ahead": ["as_of"],
        "identity_empty": ["value"], "iban_invalid": ["value"], "identity_known": ["value"],
        "password_weak": ["new_password", "password"],
        "proof_wrong": ["password"], "name_invalid": ["name"], "name_taken": ["name"], "name_reserved": ["name"],
        "email_invalid": ["email"], "email_taken": ["email"],
        "role_unknown": ["role"], "limit_needs_approver": ["credit_limit"],
        "code_missing": ["code"], "code_wrong": ["code"],
    ]

    /// What stands beside which field of a form that was refused.
    static func faults(of refusal: any Refusal, in form: [(name: String, value: String)]) -> [Fault] {
        if let refusal = refusal as? FieldsRefusal { return refusal.faults }
        let name = fields[refusal.code]?.first { name in form.contains { $0.name == name } }
        return name.map { [Fault($0, refusal.message)] } ?? []
    }

    /// Where in a body or a query it stands what a refusal is about; of several lines none is told apart.
    static func param(of refusal: any Refusal, in sent: JSON) -> String? {
        if case .customer(let field, _)? = refusal as? APIRefusal { return field }
        guard case .object(let members) = sent, let names = fields[refusal.code] else { return nil }
        if let name = names.first(where: { sent[$0] != nil }) { return name }
        for member in members {
            guard let lines = member.value.array, let name = names.first(where: { name in lines.contains { $0[name] != nil } }) else {
                continue
            }
            return lines.count == 1 ? "\(member.name)[0].\(name)" : member.name
        }
        return nil
    }
}
