// The help text of a block's field describes the field; the link to the manual stands beside it.
(function () {
  const { FieldBlockDefinition } = window.wagtailStreamField.blocks;

  class ExplainedFieldBlockDefinition extends FieldBlockDefinition {
    render(...args) {
      const block = super.render(...args);
      const help = block.element.querySelector("[data-field-help]");
      help.after(...help.querySelectorAll(".manual-link"));
      return block;
    }
  }

  window.telepath.register("desk.blocks.FieldBlock", ExplainedFieldBlockDefinition);
})();
