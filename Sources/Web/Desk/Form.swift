import Domain

/// A form that acts: posted, with the reader's token; works without scripts. What is wrong is told by the server, all of it at once: a
/// browser would stop at the first field.
struct Form: Sendable {
    private let action: String
    private let csrf, once: String
    private let content: HTML
    private let id: String
    private let kind: HTML

    /// - Parameters:
    ///   - id: Of a form without fields, whose buttons stand elsewhere.
    ///   - isSame: Tells forms of one address apart by what was sent.
    ///   - content: Drawn here, so that its fields find what was typed.
    init(
        _ action: String, _ reader: DeskReader, id: String = "", isUpload: Bool = false, class name: String = "",
        sentWhen isSame: (PostedForm) -> Bool = { _ in true }, _ content: @autoclosure () -> HTML
    ) {
        let posted = reader.posted.flatMap { $0.isSent(to: action) && isSame($0) ? $0 : nil }
        let page: HTML =
            reader.posted.map {
                "<input type=\"hidden\" name=\"\(PostedForm.pageField)\" value=\"\(sent: $0.page)\">"
            } ?? ""
        (self.action, csrf, once, self.id) = (action, reader.csrf, reader.once, id)
        self.content = page + PostedForm.$drawn.withValue(posted) { content() }
        kind = "\(isUpload ? " enctype=\"multipart/form-data\"" : "" as HTML)\(name.isEmpty ? "" : " class=\"\(name)\"" as HTML)"
    }

    var html: HTML {
        """
        <form method="post" action="\(action)"\(kind)\(id.isEmpty ? " novalidate" : " id=\"\(id)\"" as HTML)>\
        <input type="hidden" name="csrf" value="\(csrf)">\
        \(once.isEmpty ? "" : "<input type=\"hidden\" name=\"\(PostedForm.onceField)\" value=\"\(once)\">" as HTML)\(content)</form>
        """
    }
}

/// A label with its control; the hint is read with it.
struct Field: Sendable {
    enum Kind: Sendable {
        case text, code, date, amount, email, file, choice([(value: String, text: String)])
        /// The reader's own, which a browser fills in.
        case name
        case newPassword, password
    }
    private let label, name, value, hint: String
    private let kind: Kind
    private let isRequired, keepsTyped: Bool
    private let fault: String?
    /// The id of what names the row, for a control without a label of its own.
    private var row: String?

    /// - Parameters:
    ///   - fault: What is wrong with it though the form was not refused for it.
    ///   - keepsTyped: False where `value` stands whatever was typed.
    init(
        _ label: String, _ name: String, _ kind: Kind = .text, value: String = "", hint: String = "", isRequired: Bool = false,
        fault: String? = nil, keepsTyped: Bool = true
    ) {
        (self.label, self.name, self.kind, self.value, self.hint, self.isRequired) = (label, name, kind, value, hint, isRequired)
        (self.fault, self.keepsTyped) = (fault, keepsTyped)
    }

    var html: HTML {
        let note: HTML = hint.isEmpty ? "" : "<span class=\"hint\">\(hint)</span>"
        return "<label class=\"field\"><span>\(label)</span>\(control)\(note)\(FaultMarks(name, fault).words)</label>"
    }

    /// The control alone, in a row of a table.
    ///
    /// - Parameter row: The id of the cell's content that names the row; it is read with the control.
    func control(inRow row: String) -> HTML {
        var field = self
        field.row = row
        return field.control
    }

    private var control: HTML {
        let value = keepsTyped ? typed(name, or: value) : value
        let inRow: HTML = row.map { _ in " aria-label=\"\(label)\"" } ?? ""
        let required: HTML = "\(isRequired ? " required" : "" as HTML)\(inRow)\(FaultMarks(name, fault).attributes(besides: row))"
        switch kind {
        case .text: return "<input type=\"text\" name=\"\(sent: name)\" value=\"\(sent: value)\"\(required)>"
        case .name: return "<input type=\"text\" name=\"\(sent: name)\" value=\"\(sent: value)\" autocomplete=\"name\"\(required)>"
        case .code:
            return "<input type=\"text\" name=\"\(name)\" inputmode=\"numeric\" autocomplete=\"one-time-code\"\(required)>"
        case .date: return "<input type=\"date\" name=\"\(sent: name)\" value=\"\(sent: value)\"\(required)>"
        case .email: return "<input type=\"email\" name=\"\(sent: name)\" value=\"\(sent: value)\" autocomplete=\"username\"\(required)>"
        case .password: return "<input type=\"password\" name=\"\(name)\" autocomplete=\"current-password\"\(required)>"
        case .newPassword: return "<input type=\"password\" name=\"\(name)\" autocomplete=\"new-password\" minlength=\"12\"\(required)>"
        case .amount:
            return "<input type=\"text\" class=\"n\" inputmode=\"decimal\" name=\"\(sent: name)\" value=\"\(sent: value)\"\(required)>"
        case .file: return "<input type=\"file\" name=\"\(name)\"\(required)>"
        case .choice(let options):
            return "<select name=\"\(name)\"\(required)>\(options.map { option($0, value) })</select>"
        }
    }

    private func option(_ option: (value: String, text: String), _ chosen: String) -> HTML {
        "<option value=\"\(sent: option.value)\"\(option.value == chosen ? " selected" : "" as HTML)>\(option.text)</option>"
    }
}

/// What a control says of its fault: a mark, words beside it that are read with it, and the cursor in the first of the form.
struct FaultMarks: Sendable {
    private let id: String
    private let fault: String?
    private let isFirst: Bool

    /// - Parameters:
    ///   - name: Of the control.
    ///   - own: What is wrong though the form that is drawn was not refused for it.
    init(_ name: String, _ own: String? = nil) {
        let drawn = PostedForm.drawn
        (id, fault, isFirst) = ("fault-\(name)", drawn?.fault(of: name) ?? own, drawn?.faults.first?.name == name)
    }

    var words: HTML {
        fault.map { "<span class=\"told\" id=\"\(id)\"><span class=\"fault\">\($0)</span></span>" } ?? ""
    }

    /// - Parameter row: The id of what else is read with the control.
    func attributes(besides row: String? = nil) -> HTML {
        let invalid: HTML = fault == nil ? "" : " aria-invalid=\"true\"", read = [row, fault == nil ? nil : id].compactMap { $0 }
        let described: HTML = read.isEmpty ? "" : " aria-describedby=\"\(read.joined(separator: " "))\""
        return "\(invalid)\(described)\(isFirst ? " autofocus" : "" as HTML)"
    }
}

/// A button in a row of a table.
///
/// - Parameters:
///   - form: The id of the form it sends, where that stands once for all rows; nil for the one around it.
///   - row: The id of what names the row; it is read with the button.
func button(_ text: String, inRow row: String, name: String = "", value: String = "", form: String? = nil) -> HTML {
    let named: HTML = name.isEmpty ? "" : " name=\"\(sent: name)\" value=\"\(sent: value)\""
    let sent: HTML = form.map { " form=\"\($0)\"" } ?? ""
    return "<button class=\"button\" aria-describedby=\"\(row)\"\(named)\(sent)>\(text)</button>"
}

/// A button; `key` answers from the keyboard and is shown on it.
func button(
    _ text: String, name: String = "", value: String = "", key: String = "", class kind: String = "", disabled: Bool = false
)
    -> HTML
{
    let named: HTML = name.isEmpty ? "" : " name=\"\(sent: name)\" value=\"\(sent: value)\""
    let keyed: HTML = key.isEmpty ? "" : " data-answer=\"\(key)\" aria-keyshortcuts=\"\(key)\""
    let shown: HTML = key.isEmpty ? "" : "<kbd aria-hidden=\"true\">\(key)</kbd>"
    return "<button class=\"button \(kind)\"\(named)\(keyed)\(disabled ? " disabled" : "" as HTML)>\(text)\(shown)</button>"
}

/// A link that looks and answers as a button does.
func buttonLink(_ text: String, to path: String, key: String) -> HTML {
    "<a class=\"button\" href=\"\(path)\" data-answer=\"\(key)\" aria-keyshortcuts=\"\(key)\">\(text)<kbd aria-hidden=\"true\">\(key)</kbd></a>"
}

/// Names and values, each pair once.
func facts(_ pairs: [(name: String, value: HTML)]) -> HTML {
    "<dl class=\"facts\">\(pairs.map { "<div><dt>\($0.name)</dt><dd>\($0.value)</dd></div>" as HTML })</dl>"
}

/// A figure with its name, and a note or a link below it.
func card(_ name: String, _ value: HTML, note: HTML = "", to link: String? = nil, tone: String = "") -> HTML {
    let title: HTML = link.map { "<a href=\"\($0)\">\(name)</a>" } ?? "\(name)"
    return
        """
        <div class="card \(tone)"><p class="card-name">\(title)</p><p class="card-value">\(value)</p><p class="card-note">\(note)\
        </p></div>
        """
}

func panel(_ title: String, _ content: HTML, aside: HTML = "") -> HTML {
    "<section class=\"panel\"><div class=\"panel-head\"><h2>\(title)</h2>\(aside)</div>\(content)</section>"
}

/// Links that narrow a list; the one that holds is marked.
func tabs(_ label: String, _ links: [(text: String, to: String, isHere: Bool)]) -> HTML {
    """
    <nav class="tabs" aria-label="\(label)">\
    \(links.map { "<a href=\"\($0.to)\"\($0.isHere ? " aria-current=\"true\"" : "" as HTML)>\($0.text)</a>" as HTML })</nav>
    """
}

/// The two times of a report, and a way to ask for others.
func moment(_ path: String, asOf: Day, knownAt: Instant?, keeping: [(name: String, value: String)] = []) -> HTML {
    let kept = keeping.map { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\(sent: $0.value)\">" as HTML }
    let known = knownAt?.day.iso8601 ?? ""
    return """
        \(printedMoment(asOf: asOf, knownAt: knownAt))\
        <form class="moment" action="\(path)">\(kept)\(momentField("As of", "as_of", asOf.iso8601))\
        \(momentField("known on", "known_at", known))<button class="button">Show</button></form>
        """
}

/// A day above a report. One that could not be read is told in words: a browser shows no such day in its field.
func momentField(_ label: String, _ name: String, _ value: String) -> HTML {
    let marks = FaultMarks(name)
    return "<label>\(label) <input type=\"date\" name=\"\(name)\" value=\"\(value)\"\(marks.attributes())></label>\(marks.words)"
}

/// Whether the moment that was asked for could not be read: its fields say so, also on a page that shows today without them.
var isMomentUnreadable: Bool { ["as_of", "known_at"].contains { PostedForm.drawn?.fault(of: $0) != nil } }

/// The two times as paper tells them, which has no fields.
func printedMoment(asOf: Day, knownAt: Instant? = nil) -> HTML {
    let known: HTML = knownAt.map { Instant($0.day.iso8601) == $0 ? ", known on \($0.day.words)" : ", known at \($0.html)" } ?? ""
    return "<p class=\"print-only\">As of \(asOf.words)\(known)</p>"
}
