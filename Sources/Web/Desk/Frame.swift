import Domain
import Operations

/// What every page knows of its reader and of the books it shows.
package struct DeskReader: Sendable {
    package struct Notice: Sendable {
        package let text: String
        package let isRefusal: Bool
        /// To what was done.
        package let link: (text: String, to: String)?
        package init(_ text: String, isRefusal: Bool = false, link: (text: String, to: String)? = nil) {
            (self.text, self.isRefusal, self.link) = (text, isRefusal, link)
        }
    }

    package let entityName: String
    package let userName: String
    /// The account's id.
    package let person: Int64
    package let role: String
    /// Goes into every form.
    package let csrf: String
    /// The page's own token, by which what is sent from it twice is done once; empty where a page is only looked at.
    var once = ""
    /// The business day of acts and of pages that are no reports.
    package let today: Day
    /// What became of the act before this page.
    package var notice: Notice?
    /// The form that was refused on this page.
    var posted: PostedForm?
    /// The account behind the person, where it is of another legal entity.
    package var home: Home?
    /// The token of the session.
    var session = ""
    /// The books' own.
    var currency: Currency?
    /// Requests that wait for a second person; nil for a reader who may not decide.
    var approvalCount: Int?
    package init(entityName: String, userName: String, person: Int64 = 0, role: String, csrf: String, today: Day, notice: Notice? = nil) {
        (self.entityName, self.userName, self.person, self.role, self.csrf) = (entityName, userName, person, role, csrf)
        (self.today, self.notice) = (today, notice)
    }

    func may(_ right: Role.Right) -> Bool { Role(rawValue: role)?.rights.contains(right) ?? false }

    /// A link to what takes that right; nil for a reader without it.
    func link(_ text: String, to path: String, _ right: Role.Right) -> (text: String, to: String)? { may(right) ? (text, path) : nil }
}

/// A page's own part, before the frame stands around it.
package struct PageBody: Sendable {
    let title: String
    /// Beside the title: a number, a state.
    var aside: HTML = ""
    /// Links and forms at the top right.
    var actions: HTML = ""
    /// The way here: names and addresses of the pages above.
    var crumbs: [(text: String, to: String)] = []
    var content: HTML
    /// The table that `format=csv` exports.
    var table: DataTable?
    package init(_ title: String, _ content: HTML) { (self.title, self.content) = (title, content) }
}

/// The frame around every page: navigation, search, title.
package struct Frame: Sendable {
    private let reader: DeskReader
    private let section: Section?
    private let query: String
    private let body: PageBody

    /// - Parameter path: Of the request; it marks the section in the navigation.
    package init(_ body: PageBody, path: String, query: String = "", _ reader: DeskReader) {
        (self.reader, self.body, self.query) = (reader, body, query)
        section = Section.allCases.last { path == $0.path || path.hasPrefix($0.path + "/") }
    }

    package var html: HTML {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(body.title) · Florin</title><meta name="color-scheme" content="light dark">
        <link rel="icon" href="\(Asset.icon.address)" type="image/svg+xml"><link rel="stylesheet" href="\(Asset.style.address)">
        <script src="\(Asset.script.address)" defer></script></head>
        <body><a class="skip" href="#main">Skip to content</a>
        <header class="top"><a class="brand" href="/"><span class="coin" aria-hidden="true">ƒ</span>Florin</a>
        <form class="search" role="search" action="/search"><input type="search" \
        name="q" value="\(sent: query)" aria-label="Search a number, a name or an amount" \
        placeholder="Number, name or amount" autocomplete="off"><kbd aria-hidden="true">/</kbd></form>
        <div class="who"><a class="entity" href="/entities">\(reader.entityName)</a><a href="/account">\(reader.userName)</a>\
        <form method="post" action="/sign-out"><input type="hidden" name="csrf" value="\(reader.csrf)"><button class="link">Sign out</button></form></div></header>
        <nav class="side" aria-label="Desk">\(menu)<ul>\(reader.sections.map(entry))</ul></nav>
        <main id="main" tabindex="-1"><p class="print-only">\(reader.entityName)</p>\(notice)<div class="head"><div>\(crumbs)<h1>\(body.title)\(body.aside)</h1></div>\
        <div class="actions">\(body.actions)</div></div>
        \(body.content)</main></body></html>
        """
    }

    /// Opens the sections on a narrow screen. They stand behind it and not in it: on a wide one they show whether it is open or not.
    private var menu: HTML {
        let here: HTML = section.map { " <span class=\"muted\">\($0.title)</span>" } ?? ""
        return "<details class=\"menu\"><summary>Menu\(here)</summary></details>"
    }

    private func entry(_ section: Section) -> HTML {
        let here: HTML = section == self.section ? " aria-current=\"page\"" : ""
        let count = section == .approvals ? reader.approvalCount ?? 0 : 0, waiting = count > 0 ? ", \(grouped(count))" : ""
        return
            "<li><a href=\"\(section.path)\" data-key=\"\(section.key)\"\(here)>\(section.icon)<span>\(section.title)\(waiting)</span></a></li>"
    }

    private var notice: HTML {
        guard let notice = reader.notice else { return "" }
        let link: HTML = notice.link.map { " <a href=\"\($0.to)\">\($0.text)</a>" } ?? ""
        return notice.isRefusal
            ? "<p class=\"notice bad\" role=\"alert\"><b>Not done.</b> \(sentence(notice.text))</p>"
            : "<p class=\"notice good\" role=\"status\">\(notice.text)\(link)</p>"
    }

    private var crumbs: HTML {
        guard !body.crumbs.isEmpty else { return "" }
        return
            """
            <p class="crumbs">\
            \(body.crumbs.map { "<a href=\"\($0.to)\">\($0.text)</a> <span aria-hidden=\"true\">/</span> " as HTML })</p>
            """
    }
}

/// The pages of the navigation, in its order.
enum Section: CaseIterable {
    case today, cash, approvals, collections, customers, orders, invoices, receipts, statements, figures, ledger, runs, `import`, settings,
        audit, users

    var path: String {
        switch self {
        case .today: "/"
        default: "/\(self)"
        }
    }

    var title: String {
        switch self {
        case .today: "Today"
        case .audit: "Audit log"
        case .cash: "Cash application"
        default: "\(self)".prefix(1).uppercased() + "\(self)".dropFirst()
        }
    }

    /// Of its page: who may not open it does not see it.
    var right: Role.Right {
        switch self {
        case .import: .work
        case .users: .administer
        case .audit: .audit
        default: .read
        }
    }

    /// After `g`: leads here.
    var key: String {
        switch self {
        case .today: "t"
        case .cash: "c"
        case .approvals: "a"
        case .collections: "d"
        case .customers: "u"
        case .orders: "o"
        case .invoices: "i"
        case .receipts: "r"
        case .statements: "b"
        case .figures: "f"
        case .ledger: "l"
        case .runs: "n"
        case .import: "m"
        case .settings: "s"
        case .audit: "e"
        case .users: "p"
        }
    }

    /// Strokes on a 16 × 16 field.
    private var strokes: String {
        switch self {
        case .today: "M2 8l6-5 6 5M4 7v6h8V7"
        case .cash: "M2 4h12v8H2zM8 6.5v3M6.5 8h3"
        case .approvals: "M2.5 8.5L6 12l7.5-8"
        case .collections: "M8 2v6l4 2M8 14A6 6 0 108 2a6 6 0 000 12z"
        case .customers: "M8 8a3 3 0 100-6 3 3 0 000 6zM2.5 14c.5-3 3-4 5.5-4s5 1 5.5 4"
        case .orders: "M2 3h2l1.5 7h7L14 5H5M6 13h.01M12 13h.01"
        case .invoices: "M4 2h8v12l-2-1.5-2 1.5-2-1.5L4 14zM6 6h4M6 9h4"
        case .receipts: "M8 2v9M4.5 7.5L8 11l3.5-3.5M3 14h10"
        case .statements: "M2 6l6-3.5L14 6zM3.5 6v6M8 6v6M12.5 6v6M2 13.5h12"
        case .figures: "M2 14h12M4 11V8M8 11V3M12 11V6"
        case .ledger: "M3 2h8a2 2 0 012 2v10H5a2 2 0 01-2-2zM6 5h4M6 8h4"
        case .runs: "M5 3l8 5-8 5z"
        case .import: "M8 11V3M4.5 6L8 2.5 11.5 6M2 11v3h12v-3"
        case .settings: "M2 5h7M12 5h2M10.5 3v4M2 11h2M7 11h7M5.5 9v4"
        case .audit: "M3 2h7l3 3v9H3zM5.5 8h5M5.5 11h5"
        case .users:
            "M6 8a2.5 2.5 0 100-5 2.5 2.5 0 000 5zM1.5 13c.5-2.5 2.5-3.5 4.5-3.5s4 1 4.5 3.5M11 8a2 2 0 100-4M12 10c1.5.3 2.300 1.300 2.5 3"
        }
    }

    var icon: HTML { "<svg class=\"icon\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"\(strokes)\"/></svg>" }
}
