mod accounts;
mod product_lines;
