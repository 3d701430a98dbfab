"""The rules of the business (product.md), pure: facts and now come in, effects with reasons go out."""
