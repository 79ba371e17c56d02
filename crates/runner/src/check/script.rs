//! What one JavaScript file uses: members of `wx` and `ft`, modules, and code made of text. The syntax is read by oxc;
//! here stands only what is looked for in it.

use super::declared::Declaration;
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, ArrowFunctionExpression, AssignmentExpression, AssignmentTarget, BindingPatternKind, CallExpression,
    ComputedMemberExpression, ConditionalExpression, ExportAllDeclaration, ExportNamedDeclaration, Expression,
    FormalParameters, Function, IfStatement, ImportDeclaration, LogicalExpression, MemberExpression, NewExpression,
    ObjectExpression, ObjectPropertyKind, StaticMemberExpression, UnaryExpression, UnaryOperator, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_span::SourceType;
use oxc_syntax::scope::ScopeFlags;

/// The objects whose members are APIs.
const OBJECTS: [&str; 2] = ["wx", "ft"];

/// A member of `wx` or `ft` that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The member.
    pub name: String,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The program asks whether it is there: `typeof wx.x`, `wx.x?.()`, `if (wx.x)`, `wx.canIUse('x')`.
    pub asked_first: bool,
    /// The program puts it there itself.
    pub own: bool,
}

/// What one file uses.
#[derive(Debug, Default)]
pub struct Script {
    /// Members of `wx` and `ft`, in the order in which they stand there.
    pub used: Vec<Place>,
    /// Names that it declares by `loadExtApi`, as far as they are written out.
    pub declares: Vec<Declaration>,
    /// Lines with code made of text, and by what.
    pub evaluates: Vec<(usize, &'static str)>,
    /// Modules it asks for, with the lines.
    pub requires: Vec<(usize, String)>,
    /// Plugins it asks for, with the lines.
    pub plugins: Vec<(usize, String)>,
    /// What does not parse.
    pub faults: Vec<(usize, String)>,
}

/// Reads a file. Packages mix CommonJS and ES modules, so it is read as either.
pub fn read(path: &str, text: &str) -> Script {
    let allocator = Allocator::default();
    let mut parsed = Parser::new(&allocator, text, SourceType::mjs()).parse();
    if !parsed.errors.is_empty() {
        // What only sloppy code may say.
        let sloppy = Parser::new(&allocator, text, SourceType::cjs()).parse();
        if sloppy.errors.len() < parsed.errors.len() {
            parsed = sloppy;
        }
    }
    let lines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1).collect();
    let mut reader = Reader { path, lines, asking: 0, shadowed: Vec::new(), script: Script::default() };
    for fault in &parsed.errors {
        let at = fault.labels.as_ref().and_then(|labels| labels.first()).map_or(0, |label| label.offset());
        let line = reader.line(at);
        reader.script.faults.push((line, fault.message.to_string()));
    }
    reader.visit_program(&parsed.program);
    reader.script
}

/// Walks through one file.
struct Reader<'s> {
    path: &'s str,
    /// Where the second and later lines begin.
    lines: Vec<usize>,
    /// How deep it stands in places that only ask whether something is there.
    asking: usize,
    /// Names of interest that the functions around take as parameters, and so mean something else.
    shadowed: Vec<String>,
    script: Script,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at) + 1
    }

    fn line_of(&self, at: u32) -> usize {
        self.line(usize::try_from(at).unwrap_or(usize::MAX))
    }

    fn is_shadowed(&self, name: &str) -> bool {
        self.shadowed.iter().any(|own| own == name)
    }

    /// Whether it is `wx` or `ft` itself.
    fn is_object(&self, expression: &Expression<'_>) -> bool {
        OBJECTS.iter().any(|name| expression.is_specific_id(name) && !self.is_shadowed(name))
    }

    fn use_of(&mut self, name: &str, at: u32, asked_first: bool, own: bool) {
        let line = self.line_of(at);
        let place = Place { name: name.to_owned(), file: self.path.to_owned(), line, asked_first, own };
        self.script.used.push(place);
    }

    fn member(&mut self, object: &Expression<'_>, name: &str, at: u32) {
        if self.is_object(object) {
            self.use_of(name, at, self.asking > 0, false);
        }
    }

    fn ask<'a>(&mut self, expression: &Expression<'a>)
    where
        Self: Visit<'a>,
    {
        self.asking += 1;
        self.visit_expression(expression);
        self.asking -= 1;
    }

    fn requires(&mut self, request: &str, at: u32) {
        let line = self.line_of(at);
        self.script.requires.push((line, request.to_owned()));
    }

    /// Runs `inside` with the parameters of a function in scope.
    fn within(&mut self, parameters: &FormalParameters<'_>, inside: impl FnOnce(&mut Self)) {
        let before = self.shadowed.len();
        for parameter in &parameters.items {
            if let BindingPatternKind::BindingIdentifier(own) = &parameter.pattern.kind
                && (own.name == "require" || OBJECTS.contains(&own.name.as_str()))
            {
                self.shadowed.push(own.name.to_string());
            }
        }
        inside(self);
        self.shadowed.truncate(before);
    }

    /// Calls of APIs that say something about other names.
    fn api_call(&mut self, name: &str, call: &CallExpression<'_>) {
        let first = call.arguments.first();
        match (name, first) {
            ("canIUse", Some(Argument::StringLiteral(schema))) => {
                let api = schema.value.split('.').next().unwrap_or_default();
                self.use_of(api, call.span.start, true, false);
            }
            ("invokeNativePlugin", Some(Argument::ObjectExpression(options))) => {
                if let Some(api) = text_member(options, "api_name") {
                    self.use_of(&api, call.span.start, false, false);
                }
            }
            ("loadExtApi", Some(Argument::ArrayExpression(list))) => {
                for entry in &list.elements {
                    if let Some(Expression::ObjectExpression(entry)) = entry.as_expression() {
                        self.script.declares.extend(declaration(entry));
                    }
                }
            }
            ("loadExtApi", Some(Argument::ObjectExpression(entry))) => {
                self.script.declares.extend(declaration(entry));
            }
            _ => {}
        }
    }

    /// `eval(...)`, `Function(...)` and `new Function(...)`. The one that only finds the global object is harmless.
    fn code_of_text(&mut self, callee: &Expression<'_>, arguments: &[Argument<'_>], at: u32) {
        let what = match callee {
            callee if callee.is_specific_id("eval") => "eval",
            callee if callee.is_specific_id("Function") => "Function",
            _ => return,
        };
        let harmless = matches!(arguments, [Argument::StringLiteral(only)] if only.value == "return this");
        if !harmless {
            let line = self.line_of(at);
            self.script.evaluates.push((line, what));
        }
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_static_member_expression(&mut self, it: &StaticMemberExpression<'a>) {
        self.member(&it.object, &it.property.name, it.span.start);
        if it.optional { self.ask(&it.object) } else { self.visit_expression(&it.object) }
    }

    fn visit_computed_member_expression(&mut self, it: &ComputedMemberExpression<'a>) {
        if let Expression::StringLiteral(name) = &it.expression {
            self.member(&it.object, &name.value, it.span.start);
        }
        walk::walk_computed_member_expression(self, it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        if let Some(member) = it.callee.as_member_expression()
            && self.is_object(member.object())
            && let Some(name) = member.static_property_name()
        {
            self.api_call(name, it);
        }
        match (&it.arguments.first(), it.callee.is_specific_id("require") && !self.is_shadowed("require")) {
            (Some(Argument::StringLiteral(request)), true) => self.requires(&request.value, it.span.start),
            _ => self.code_of_text(&it.callee, &it.arguments, it.span.start),
        }
        if let (Some(Argument::StringLiteral(alias)), true) = (it.arguments.first(), asks_for_plugin(&it.callee)) {
            let line = self.line_of(it.span.start);
            self.script.plugins.push((line, alias.value.to_string()));
        }
        if let Some(name) = defined_on_object(self, it) {
            self.use_of(&name, it.span.start, false, true);
        }
        if it.optional {
            self.ask(&it.callee)
        } else {
            self.visit_expression(&it.callee)
        }
        self.visit_arguments(&it.arguments);
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        self.code_of_text(&it.callee, &it.arguments, it.span.start);
        walk::walk_new_expression(self, it);
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        let own = match &it.left {
            AssignmentTarget::StaticMemberExpression(left) if self.is_object(&left.object) => {
                Some((left.property.name.to_string(), left.span.start))
            }
            _ => None,
        };
        match own {
            Some((name, at)) => {
                self.use_of(&name, at, false, true);
                self.visit_expression(&it.right);
            }
            None => walk::walk_assignment_expression(self, it),
        }
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let (BindingPatternKind::ObjectPattern(pattern), Some(object)) = (&it.id.kind, &it.init)
            && self.is_object(object)
        {
            for property in &pattern.properties {
                if let Some(name) = property.key.static_name() {
                    self.use_of(&name, property.span.start, false, false);
                }
            }
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_unary_expression(&mut self, it: &UnaryExpression<'a>) {
        if it.operator == UnaryOperator::Typeof || it.operator == UnaryOperator::LogicalNot {
            self.ask(&it.argument);
        } else {
            walk::walk_unary_expression(self, it);
        }
    }

    fn visit_if_statement(&mut self, it: &IfStatement<'a>) {
        self.ask(&it.test);
        self.visit_statement(&it.consequent);
        if let Some(alternate) = &it.alternate {
            self.visit_statement(alternate);
        }
    }

    fn visit_logical_expression(&mut self, it: &LogicalExpression<'a>) {
        self.ask(&it.left);
        self.visit_expression(&it.right);
    }

    fn visit_conditional_expression(&mut self, it: &ConditionalExpression<'a>) {
        self.ask(&it.test);
        self.visit_expression(&it.consequent);
        self.visit_expression(&it.alternate);
    }

    fn visit_import_declaration(&mut self, it: &ImportDeclaration<'a>) {
        self.requires(&it.source.value, it.span.start);
    }

    fn visit_export_named_declaration(&mut self, it: &ExportNamedDeclaration<'a>) {
        if let Some(source) = &it.source {
            self.requires(&source.value, it.span.start);
        }
        walk::walk_export_named_declaration(self, it);
    }

    fn visit_export_all_declaration(&mut self, it: &ExportAllDeclaration<'a>) {
        self.requires(&it.source.value, it.span.start);
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        self.within(&it.params, |reader| walk::walk_function(reader, it, flags));
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.within(&it.params, |reader| walk::walk_arrow_function_expression(reader, it));
    }
}

/// `requirePlugin` and `requirePlugin.async`.
fn asks_for_plugin(callee: &Expression<'_>) -> bool {
    let member = callee.as_member_expression().filter(|member| member.static_property_name() == Some("async"));
    member.map_or(callee, |member| member.object()).is_specific_id("requirePlugin")
}

/// An entry of `loadExtApi`.
fn declaration(entry: &ObjectExpression<'_>) -> Option<Declaration> {
    let plugins = match member(entry, "pluginId") {
        Some(Expression::StringLiteral(id)) => vec![id.value.to_string()],
        Some(Expression::ArrayExpression(ids)) => {
            let texts = ids.elements.iter().filter_map(|id| match id.as_expression() {
                Some(Expression::StringLiteral(id)) => Some(id.value.to_string()),
                _ => None,
            });
            texts.collect()
        }
        _ => Vec::new(),
    };
    Some(Declaration { name: text_member(entry, "name")?, plugins, scope: text_member(entry, "scope") })
}

fn member<'a, 'b>(object: &'b ObjectExpression<'a>, name: &str) -> Option<&'b Expression<'a>> {
    object.properties.iter().find_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(own) if own.key.is_specific_static_name(name) => Some(&own.value),
        _ => None,
    })
}

/// The text of a member that is written out.
fn text_member(object: &ObjectExpression<'_>, name: &str) -> Option<String> {
    match member(object, name) {
        Some(Expression::StringLiteral(text)) => Some(text.value.to_string()),
        _ => None,
    }
}

/// The name in `Object.defineProperty(wx, 'name', ...)`.
fn defined_on_object(reader: &Reader<'_>, call: &CallExpression<'_>) -> Option<String> {
    let member: &MemberExpression<'_> = call.callee.as_member_expression()?;
    if !member.object().is_specific_id("Object") || member.static_property_name() != Some("defineProperty") {
        return None;
    }
    match (call.arguments.first()?.as_expression(), call.arguments.get(1)?) {
        (Some(object), Argument::StringLiteral(name)) if reader.is_object(object) => Some(name.value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        read("a.js", text).used.into_iter().map(|place| place.name).collect()
    }

    #[test]
    fn f_p09_every_way_to_name_an_api_is_seen() {
        for (text, expected) in [
            ("wx.request({})", vec!["request"]),
            ("ft['scan']({})", vec!["scan"]),
            ("const { login, request: r } = wx", vec!["login", "request"]),
            ("wx.invokeNativePlugin({ api_name: 'pay' })", vec!["pay", "invokeNativePlugin"]),
            ("export default () => ft.a(() => wx.b)", vec!["a", "b"]),
            ("(function (wx) { wx.request() })(mine)", vec![]),
            ("other.wx.request()", vec![]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn f_p09_asking_first_and_setting_are_told_apart() {
        for text in ["typeof wx.x", "if (wx.x) 1", "wx.x && 1", "wx.x?.()", "wx.canIUse('x')", "wx.x ? 1 : 2"] {
            assert!(read("a.js", text).used.iter().any(|place| place.name == "x" && place.asked_first), "{text}");
        }
        for text in ["wx.x = 1", "Object.defineProperty(wx, 'x', {})"] {
            assert!(read("a.js", text).used.iter().any(|place| place.name == "x" && place.own), "{text}");
        }
        assert!(!read("a.js", "wx.x(wx.y)").used.iter().any(|place| place.asked_first || place.own));
    }

    #[test]
    fn f_p09_modules_declarations_code_of_text_and_faults_have_their_lines() {
        let script = read(
            "a.js",
            "import a from './a'\nconst b = require('b')\nft.loadExtApi([{ name: 'pay', pluginId: ['wxa'] }])\n\
             eval('1')\nnew Function('a', 'return a')\nFunction('return this')()\n",
        );
        assert_eq!(script.requires, [(1, "./a".to_owned()), (2, "b".to_owned())]);
        let pay = Declaration { name: "pay".to_owned(), plugins: vec!["wxa".to_owned()], scope: None };
        assert_eq!(script.declares, [pay]);
        let asked = read("a.js", "requirePlugin('a')\nrequirePlugin.async('b')\nother.requirePlugin('c')").plugins;
        assert_eq!(asked, [(1, "a".to_owned()), (2, "b".to_owned())]);
        assert_eq!(script.evaluates, [(4, "eval"), (5, "Function")]);
        assert!(script.faults.is_empty(), "{:?}", script.faults);
        assert_eq!(read("a.js", "App({\n  a: ]\n})").faults[0].0, 2);
        assert!(read("a.js", "(function (require) { require('./x') })").requires.is_empty());
    }
}
