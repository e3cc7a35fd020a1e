/// What was sent with a form that was refused: drawn again, its fields hold what was typed.
package struct PostedForm: Sendable {
    /// Carries `page` through the forms of a page that stands at the address of an act.
    static let pageField = "page"
    /// Carries the page's own token.
    static let onceField = "once"
    /// What a form says of itself, which is no field of its act.
    static let ownFields: Set = ["csrf", pageField, onceField]
    /// Never sent back.
    static let secrets: Set = ownFields.union(["secret", "password"])

    /// The one whose form is being drawn; nil outside of it.
    @TaskLocal static var drawn: PostedForm?

    /// Where the form stood, with its query.
    let page: String
    private let action: String
    private let values: [(name: String, value: String)]
    /// What was wrong with single fields, in the order of the form.
    let faults: [FieldsRefusal.Fault]

    /// - Parameter action: The path it was sent to.
    init(_ values: [(name: String, value: String)], to action: String, from page: String, faults: [FieldsRefusal.Fault] = []) {
        self.faults = faults
        (self.action, self.page) = (percentDecoded(action), page)
        self.values = values.filter { !Self.secrets.contains($0.name) }
    }

    func fault(of name: String) -> String? { faults.first { $0.name == name }?.message }
    func isSent(to action: String) -> Bool { self.action == percentDecoded(action) }
    /// The first value of that name, also an empty one; nil where it was not sent.
    subscript(_ name: String) -> String? { values.first { $0.name == name }?.value }
    func holds(_ name: String, _ value: String) -> Bool { values.contains { $0.name == name && $0.value == value } }
    func isFilled(beginning prefix: String) -> Bool { values.contains { $0.name.hasPrefix(prefix) && !$0.value.isEmpty } }
}

/// What a field of the form being drawn holds: what was typed before it was refused, else its default.
func typed(_ name: String, or value: String) -> String { PostedForm.drawn?[name] ?? value }

/// Whether a box was picked in the form being drawn.
func checked(_ name: String, _ value: String) -> HTML { PostedForm.drawn?.holds(name, value) == true ? " checked" : "" }
